import { every } from '../../contract/clock.ts';
import { type Asked, ask, type CanaryDeps } from './ask.ts';
import { type CanaryBook, idOf } from './book.ts';
import type { CanaryAttempt, CanaryTarget } from './facts.ts';

/** Writes under way at one target. At the bound a turn is left out: a region that hangs is not given more to hang on. */
const mostUnderWay = 64;

export type CanaryWriter = {
  /** How many each target has acknowledged. */
  acknowledged(): ReadonlyMap<string, number>;
  /** What was said last, by target. */
  said(): ReadonlyMap<string, string>;
  /** Writes no more, and waits for those under way. */
  stop(): Promise<void>;
};

/** Writes a number to each target at once, again and again, without waiting for the one before. */
export function startWriter(book: CanaryBook, record: (line: CanaryAttempt) => void, deps: CanaryDeps): CanaryWriter {
  const { plan, setup } = book;
  const { clock } = deps;
  const seqs = new Map<string, number>();
  const underWay = new Map(setup.targets.map(({ name }) => [name, new Set<Promise<void>>()]));
  const acknowledged = new Map<string, number>();
  const said = new Map<string, string>();

  function tick(): void {
    for (const [sequence, targets] of Map.groupBy(setup.targets, (target) => target.sequence)) {
      const free = targets.filter(({ name }) => (underWay.get(name)?.size ?? 0) < mostUnderWay);
      if (free.length === 0) continue;
      const seq = (seqs.get(sequence) ?? 0) + 1;
      seqs.set(sequence, seq);
      for (const target of free) begin(target, seq);
    }
  }

  function begin(target: CanaryTarget, seq: number): void {
    const own = underWay.get(target.name);
    const attempt = write(target, seq).finally(() => own?.delete(attempt));
    own?.add(attempt);
  }

  async function write({ name, sequence, region }: CanaryTarget, seq: number): Promise<void> {
    const startMs = clock.nowMs();
    const asked = await ask(book, plan.write, { place: name, id: idOf(setup, sequence, seq), seq }, deps);
    const taken = isAcknowledged(asked, plan.write.acknowledged);
    const times = { startMs, endMs: clock.nowMs() };
    const answer = 'failed' in asked ? asked.failed : `${asked.status}`;
    record({
      what: 'attempt',
      target: name,
      seq,
      ...times,
      acknowledged: taken,
      by: taken ? whoSaid(book, asked, region) : null,
      said: answer,
    });
    said.set(name, answer);
    if (taken) acknowledged.set(name, (acknowledged.get(name) ?? 0) + 1);
  }

  tick();
  const cancel = every(clock, plan.everyMs, tick, () => undefined);
  return {
    acknowledged: () => acknowledged,
    said: () => said,
    async stop() {
      cancel();
      await Promise.all([...underWay.values()].flatMap((own) => [...own]));
    },
  };
}

function isAcknowledged(asked: Asked, statuses: readonly number[] | null): boolean {
  if ('failed' in asked) return false;
  return statuses === null ? asked.status >= 200 && asked.status < 300 : statuses.includes(asked.status);
}

/** By its own word; a region that does not say is the one that was asked. */
function whoSaid({ identity }: CanaryBook, asked: Asked, region: string | null): string | null {
  const headers = 'failed' in asked ? {} : asked.headers;
  return identity.map((name) => headers[name]).find((value) => value !== undefined) ?? region;
}
