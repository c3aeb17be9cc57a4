/** A port where connects hang: somebody listens and never accepts, and the queue in front of them is full. */
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { HostPort } from '../../contract/address.ts';
import { systemClock } from '../../contract/clock.ts';

export type BlackHoleOptions = {
  readonly at: HostPort;
  /** Called just before the hole takes the port: whoever listens there stops now. Connects are refused for that moment. */
  readonly makeRoom: () => void;
};

export type BlackHole = {
  /** Resolves once the port is free, whether `end` freed it or the thread is lost. */
  readonly over: Promise<void>;
  /** Lets those go who hang in it: their next try finds whoever listens then. Resolves with `over`. */
  end(): Promise<void>;
};

export type HoleStart = {
  readonly at: HostPort;
  /** Not 0 once it is to end. */
  readonly ended: Int32Array;
};
export type FromHole = { readonly type: 'ready' | 'listening' } | { readonly type: 'failed'; readonly why: string };

/** Node takes 0 for its own, of 511. */
export const smallestBacklog = 1;
/** More than fit: Linux queues one beyond the backlog. */
const leastFillers = smallestBacklog + 3;
/** A kernel that has taken so many refuses or takes the next one too. */
const mostFillers = 64;
/** Loopback connects in well below a millisecond. */
const hangsAfterMs = 50;
/** For a thread to start, to listen, or to end. */
const patienceMs = 10_000;

/** The kernel's and the thread's time, which no simulated clock moves. */
const clock = systemClock();

/**
 * Resolves once connects hang. Rejects, with nothing left of it and nobody at the port, where it cannot be had: no
 * thread, a port that somebody else holds, or a kernel that does not leave a connect unanswered when the queue is full.
 */
export async function blackHole({ at, makeRoom }: BlackHoleOptions): Promise<BlackHole> {
  const ended = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = beginThread({ at, ended });
  worker.on('error', () => undefined); // it ends by it, and that is heard
  const fillers: Socket[] = [];
  const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const over = exit.then(() => {
    for (const socket of fillers) socket.destroy();
  });
  const end = async (): Promise<void> => {
    Atomics.store(ended, 0, 1);
    Atomics.notify(ended, 0);
    const cancel = clock.after(patienceMs, () => void worker.terminate());
    await over;
    cancel();
  };
  try {
    await heard(worker, 'ready');
    makeRoom();
    const listening = heard(worker, 'listening');
    worker.postMessage('listen');
    await listening;
    await fill(at, fillers);
  } catch (error) {
    await worker.terminate();
    await over;
    throw error;
  }
  return { over, end };
}

/** In a checkout the source runs as it is; the published package has the thread bundled beside the rest. */
function beginThread(start: HoleStart): Worker {
  const file = import.meta.url.endsWith('.ts') ? './black-hole-worker.ts' : './black-hole-worker.js';
  return new Worker(new URL(file, import.meta.url), { workerData: start });
}

function heard(worker: Worker, type: FromHole['type']): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(patienceMs, () => reject(new Error(`its thread was not ${type} in time`)));
    const settle = (act: () => void): void => {
      cancel();
      worker.off('message', hear).off('error', failed).off('exit', gone);
      act();
    };
    const hear = (message: FromHole): void => {
      if (message.type === type) settle(resolve);
      else if (message.type === 'failed') settle(() => reject(new Error(message.why)));
    };
    const failed = (error: Error): void => settle(() => reject(error));
    const gone = (): void => settle(() => reject(new Error('its thread has ended')));
    worker.on('message', hear).on('error', failed).on('exit', gone);
  });
}

/** Connects until one hangs. */
async function fill(at: HostPort, fillers: Socket[]): Promise<void> {
  const another = (): Socket => {
    const socket = connect(at);
    socket.on('error', () => undefined); // what becomes of a filler is no matter
    fillers.push(socket);
    return socket;
  };
  for (let count = 0; count < leastFillers; count += 1) another();
  while (fillers.length < mostFillers) if (await hangs(another())) return;
  throw new Error(`none of ${mostFillers} connects hangs`);
}

function hangs(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let cancel = clock.after(hangsAfterMs, () => {
      // One more turn of the loop: if it was held up, the answer lies behind the timer.
      cancel = clock.after(0, () => resolve(socket.connecting));
    });
    const answered = (): void => {
      cancel();
      resolve(false);
    };
    socket.once('connect', answered).once('error', answered);
  });
}
