import { thread } from '../store/thread.ts';
import type { QueueFile } from './queue-rows.ts';

/** The queue file, in a thread of its own: whatever the disk does, nobody else waits for it. */
export type Queue = {
  readonly [K in keyof QueueFile]: (...values: Parameters<QueueFile[K]>) => Promise<ReturnType<QueueFile[K]>>;
} & { close(): Promise<void> };

export function openQueue(file: string): Queue {
  const worker = thread('queue', file);
  const call =
    (method: keyof QueueFile) =>
    (...values: unknown[]) =>
      worker.call(method, values);
  return {
    open: call('open'),
    keepOnly: call('keepOnly'),
    put: call('put'),
    next: call('next'),
    done: call('done'),
    close: () => worker.end(),
  } as Queue;
}
