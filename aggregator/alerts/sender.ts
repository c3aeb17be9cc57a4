/** Tells one Alertmanager. Of each alert only the newest word waits, so what waits is bounded by what there is. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { within } from '../../contract/deadline.ts';
import { messageOf as textOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import { backoffMs } from '../remote-write/answer.ts';
import { poster } from '../remote-write/post.ts';
import type { SenderCounts } from './counts.ts';
import { type Message, withLabels } from './message.ts';
import type { AlertmanagerOptions } from './options.ts';

export type Sender = {
  /** Never waits. Beyond the bound the oldest go, and are counted. */
  push(messages: Iterable<readonly [id: string, message: Message]>): void;
  stop(): Promise<void>;
};

export type SenderDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly ca: readonly string[] | undefined;
  readonly counts: SenderCounts;
  readonly capacity?: number;
};

/** Prometheus's, both. */
const maxBatch = 64;
const defaultCapacity = 10_000;

export function sender(options: AlertmanagerOptions, deps: SenderDeps): Sender {
  const { clock, random, counts } = deps;
  const capacity = deps.capacity ?? defaultCapacity;
  const waiting = new Map<string, Message>();
  const stopping = new AbortController();
  const say = troubleLog(options.name, deps.log);
  const attempt = batchSender(options, deps);
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    for (let tries = 1; waiting.size > 0 && !stopping.signal.aborted; ) {
      const batch = [...waiting].slice(0, maxBatch);
      const answer = await attempt(
        batch.map(([, message]) => message),
        stopping.signal,
      );
      if (stopping.signal.aborted) return;
      if (answer.kind === 'again') {
        counts.fail(answer.reason);
        say(answer.why);
        await sleep(clock, backoffMs(tries, 0, random()), stopping.signal).catch(() => undefined);
        tries += 1;
        continue;
      }
      tries = 1;
      // A newer word that came meanwhile waits on.
      for (const [id, message] of batch) if (waiting.get(id) === message) waiting.delete(id);
      if (answer.kind === 'taken') counts.sent += batch.length;
      else {
        counts.fail(answer.reason);
        counts.drop('refused', batch.length);
      }
      say(answer.kind === 'taken' ? null : answer.why);
      counts.pending = waiting.size;
    }
  }

  return {
    push(messages) {
      if (stopping.signal.aborted) return;
      for (const [id, message] of messages) waiting.set(id, withLabels(message, options.labels));
      const over = [...waiting.keys()].slice(0, Math.max(0, waiting.size - capacity));
      for (const id of over) waiting.delete(id);
      counts.drop('queue full', over.length);
      counts.pending = waiting.size;
      running ??= drain().finally(() => {
        running = undefined;
      });
    },
    async stop() {
      stopping.abort(new Error('stopping'));
      await running;
      attempt.close();
    },
  };
}

type Told =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again' | 'refused'; readonly reason: string; readonly why: string };

/** One request. Never rejects. */
function batchSender(options: AlertmanagerOptions, { clock, ca, counts }: SenderDeps) {
  const url = new URL(options.url);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
  const { post, close } = poster(url.href, ca, clock);
  const told = async (messages: readonly Message[], signal: AbortSignal): Promise<Told> => {
    const body = Buffer.from(JSON.stringify(messages));
    const beganMs = clock.nowMs();
    try {
      const authorization = options.authorization?.();
      const headers = {
        'user-agent': 'blackstart',
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      };
      const { status, text } = await within(clock, options.timeoutMs, signal, (until) => post(body, headers, until));
      if (status >= 200 && status < 300) return { kind: 'taken' };
      const why = `status ${status}: ${text.trim().split('\n')[0] ?? ''}`;
      // Who is turned away may be let in when the secret was replaced: the alert must not be lost meanwhile.
      const again = status >= 500 || [401, 403, 408, 429].includes(status);
      return { kind: again ? 'again' : 'refused', reason: `status ${status}`, why };
    } catch (error) {
      return { kind: 'again', reason: 'no answer', why: textOf(error) };
    } finally {
      counts.took(clock.nowMs() - beganMs);
    }
  };
  return Object.assign(told, { close });
}

/** One line when it begins, one when it is over. */
function troubleLog(alertmanager: string, log: Log): (why: string | null) => void {
  let inTrouble = false;
  return (why) => {
    if (why !== null && !inTrouble) log.warn({ alertmanager, why }, 'alerts are not taken');
    if (why === null && inTrouble) log.info({ alertmanager }, 'alerts are taken again');
    inTrouble = why !== null;
  };
}
