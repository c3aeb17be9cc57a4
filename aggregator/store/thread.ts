/** A thread with a file of its own, as its starter sees it. */
import { Worker } from 'node:worker_threads';
import type { Answer, Call, Role } from './protocol.ts';

/** The store refused or failed; `full` when the disk has no room. */
export class StoreFailed extends Error {
  readonly full: boolean;
  constructor(name: string, message: string, code: number | null) {
    super(message);
    this.name = name;
    this.full = code === sqliteFull;
  }
}
const sqliteFull = 13;

/** What a thread makes is short-lived or goes to its starter at once: more room for it would only be filled later. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 } as const;

export type Thread = { call(method: string, values: readonly unknown[]): Promise<unknown>; end(): Promise<void> };

export function thread(role: Role, file: string): Thread {
  const worker = new Worker(workerUrl(), { workerData: { role, file }, resourceLimits });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let nextId = 1;
  let gone: Error | undefined;
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) asked?.resolve(answer.value);
    else asked?.reject(new StoreFailed(answer.name, answer.message, answer.code));
  });
  worker.on('error', (error) => leave(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => leave(new Error('the store is closed')));

  function leave(error: Error): void {
    gone ??= error;
    for (const asked of waiting.values()) asked.reject(gone);
    waiting.clear();
  }
  function call(method: string, values: readonly unknown[]): Promise<unknown> {
    if (gone !== undefined) return Promise.reject(gone);
    return new Promise((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, values } satisfies Call);
    });
  }
  return {
    call,
    async end() {
      await call('close', []).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/** In a checkout the source runs as it is; the published package has the thread bundled beside the rest. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './store-worker.js', import.meta.url);
}
