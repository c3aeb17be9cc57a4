/** Tells those who want to know, beside the drill: nothing of it waits for them, and nothing they answer changes it. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { sentenceOf } from '../trouble.ts';
import { postOf } from './formats.ts';
import type { Notice, NotifyTarget } from './notice.ts';

export type Notifier = {
  /** Never waits, and never throws. Each is told in order; beyond the bound what is new is not told, and said. */
  tell(notice: Notice): void;
  /** Resolves when all is told or given up, and after `limitMs` in any case. */
  settled(limitMs: number): Promise<void>;
  readonly targets: readonly NotifyTarget[];
};

export type NotifierDeps = {
  readonly clock: Clock;
  /** What could not be told, a sentence each: without the URL, which may be a secret. */
  readonly message: (text: string) => void;
};

const attempts = 5;
const firstPauseMs = 500;
const answerWithinMs = 5_000;
/** Notices of one target that wait. */
const mostWaiting = 20;

export function notifier(targets: readonly NotifyTarget[], deps: NotifierDeps): Notifier {
  const lanes = targets.map((target) => ({ target, waiting: 0, last: Promise.resolve() }));
  const given = new AbortController();
  return {
    targets,
    tell(notice) {
      for (const lane of lanes) {
        if (!lane.target.on.includes(notice.kind)) continue;
        if (lane.waiting >= mostWaiting) {
          deps.message(`${lane.target.kind} is not told "${notice.kind}" of ${notice.drill}: too much waits for it`);
          continue;
        }
        lane.waiting += 1;
        lane.last = lane.last
          .then(() => deliver(notice, lane.target, deps, given.signal))
          .finally(() => {
            lane.waiting -= 1;
          });
      }
    },
    async settled(limitMs) {
      const timer = new AbortController();
      const all = Promise.all(lanes.map(({ last }) => last));
      await Promise.race([all, sleep(deps.clock, limitMs, timer.signal).catch(() => undefined)]);
      timer.abort();
      given.abort(new Error('there was no more time to tell'));
    },
  };
}

/** Resolves whatever happens. */
async function deliver(notice: Notice, target: NotifyTarget, deps: NotifierDeps, signal: AbortSignal): Promise<void> {
  const { clock, message } = deps;
  let why = '';
  for (let attempt = 1, pauseMs = firstPauseMs; attempt <= attempts; attempt += 1, pauseMs *= 2) {
    try {
      const answer = await within(clock, answerWithinMs, signal, (inner) => send(notice, target, inner));
      if (answer.taken) return;
      why = answer.why;
      if (answer.isFinal) break;
    } catch (error) {
      why = causeOf(error);
    }
    if (signal.aborted) break;
    if (attempt < attempts) await sleep(clock, pauseMs, signal).catch(() => undefined);
  }
  message(`${target.kind} could not be told "${notice.kind}" of ${notice.drill}: ${why}`);
}

type Answer = { readonly taken: true } | { readonly taken: false; readonly why: string; readonly isFinal: boolean };

async function send(notice: Notice, target: NotifyTarget, signal: AbortSignal): Promise<Answer> {
  const { url, body } = postOf(notice, target);
  const headers = { 'content-type': 'application/json' };
  // A redirect would carry what is secret to somebody else.
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual', signal });
  const text = (await answer.text()).slice(0, 120);
  if (answer.ok) return { taken: true };
  const isFinal = answer.status < 500 && answer.status !== 408 && answer.status !== 429;
  return { taken: false, why: `it answered ${answer.status}: ${text}`, isFinal };
}

function causeOf(error: unknown): string {
  return sentenceOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
