import { Worker } from 'node:worker_threads';
import type { Answer, Call, Role } from './protocol.ts';
import type { Reader } from './reader.ts';
import type { Loaded } from './rows.ts';
import type { Writer } from './writer.ts';

type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...values: infer V) => infer R ? (...values: V) => Promise<R> : never;
};
/** Writes are done in the order in which they are asked for; reads see what was committed before. */
export type Store = Remote<Writer> & Remote<Reader> & { readonly loaded: Loaded; close(): Promise<void> };

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

/** Opens or makes the database. Rejects with one clear sentence when the file is foreign, damaged or in use. */
export async function openStore(file: string): Promise<Store> {
  const writer = thread('writer', file);
  try {
    const loaded = (await writer.call('load', [])) as Loaded;
    const reader = thread('reader', file);
    const write =
      (method: keyof Writer) =>
      (...values: unknown[]) =>
        writer.call(method, values);
    const read =
      (method: keyof Reader) =>
      (...values: unknown[]) =>
        reader.call(method, values);
    return {
      loaded,
      commit: write('commit'),
      fold: write('fold'),
      saveAgent: write('saveAgent'),
      saveChecks: write('saveChecks'),
      setMeta: write('setMeta'),
      saveDrill: write('saveDrill'),
      saveBurst: write('saveBurst'),
      saveAnnotation: write('saveAnnotation'),
      prune: write('prune'),
      results: read('results'),
      reportHtml: read('reportHtml'),
      drill: read('drill'),
      annotations: read('annotations'),
      async close() {
        await reader.end();
        await writer.end();
      },
    } as Store;
  } catch (error) {
    await writer.end();
    throw error;
  }
}

type Thread = { call(method: string, values: readonly unknown[]): Promise<unknown>; end(): Promise<void> };

function thread(role: Role, file: string): Thread {
  const worker = new Worker(workerUrl(), { workerData: { role, file } });
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
