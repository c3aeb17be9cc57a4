/**
 * Group commit: what arrives while a transaction is being written goes into the next one. Nobody is told that a result
 * is counted before it is on disk. When the disk fails, nothing is acknowledged and the same transaction is tried again.
 */
import type { Clock } from '../../contract/clock.ts';
import { sleep } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { middleMs, offsetAt } from '../clock-offset.ts';
import { between } from '../store/block.ts';
import type { BlockRow, Commit, SequenceRow } from '../store/rows.ts';
import type { Portion, Sequence } from './sequences.ts';

/** `firstId`: of its first result; of a gap the id that the next result will have. */
export type Committed = { readonly portion: Portion; readonly firstId: number };

export type CommitterDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly nextId: number;
  commit(commit: Commit): Promise<void>;
  nameOf(checkId: string): string;
  /** Called in the order of ids, once for each transaction. */
  onCommitted(done: readonly Committed[], tookMs: number): void;
  onFailed(): void;
};

export type Committer = {
  push(portions: readonly Portion[]): void;
  /** Results that wait, or what weighs as much. Beyond `maxWaiting` the links have to be held back. */
  readonly waiting: number;
  /** Why nothing is stored and acknowledged now; `null` when it is. */
  readonly failing: string | null;
  /** Resolves when everything pushed so far is on disk; rejects when the disk refuses it. */
  flush(): Promise<void>;
  stop(): void;
};

export const maxWaiting = 100_000;
/** What follows a transaction is done in one go, so this bounds how long it holds up everything else. */
const maxResultsPerCommit = 4_000;
const retryMs = 1_000;
/** Text as large as this weighs as much as a result: large frames must not wait in larger number than memory has room. */
const bytesPerResult = 1_024;

export function committer(deps: CommitterDeps): Committer {
  const queue: Portion[] = [];
  const stopping = new AbortController();
  let waiting = 0;
  let nextId = deps.nextId;
  let running: Promise<void> | undefined;
  const disk = persistently(deps, stopping.signal);

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = nextBatch(queue);
      const done: Committed[] = [];
      for (const portion of batch) {
        done.push({ portion, firstId: nextId });
        nextId += countOf(portion);
      }
      await disk.write(rowsOf(done, deps.nameOf));
      const oldestMs = Math.min(...batch.map((portion) => portion.readAtMs));
      for (const { sequence, toSeq } of batch) sequence.committed = Math.max(sequence.committed, toSeq);
      for (const portion of batch) waiting -= weightOf(portion);
      try {
        deps.onCommitted(done, deps.clock.nowMs() - oldestMs);
      } catch (error) {
        // A bug in what follows must not keep what comes next from the disk.
        deps.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'committed, but not shown');
      }
    }
  }

  function start(): void {
    running ??= run().finally(() => {
      running = undefined;
    });
    running.catch(() => undefined);
  }

  return {
    push(portions) {
      for (const portion of portions) {
        queue.push(portion);
        waiting += weightOf(portion);
      }
      start();
    },
    get waiting() {
      return waiting;
    },
    get failing() {
      return disk.failing();
    },
    async flush() {
      while (running !== undefined) await running;
    },
    stop: () => stopping.abort(),
  };
}

/** Writes one transaction; tries again until the disk takes it, or it is time to stop. */
function persistently(deps: CommitterDeps, stopping: AbortSignal) {
  const { clock, log } = deps;
  let failing: string | null = null;
  return {
    failing: () => failing,
    async write(rows: Commit): Promise<void> {
      for (;;) {
        try {
          await deps.commit(rows);
          if (failing !== null) log.info({}, 'the disk takes results again');
          failing = null;
          return;
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          if (failing === null) log.error({ why }, 'results cannot be stored: none is acknowledged until they can');
          failing = why;
          deps.onFailed();
          if (stopping.aborted) throw error;
          await sleep(clock, retryMs, stopping).catch(() => undefined);
        }
      }
    },
  };
}

function nextBatch(queue: Portion[]): readonly Portion[] {
  let results = 0;
  const size = queue.findIndex((portion) => {
    results += weightOf(portion);
    return results >= maxResultsPerCommit;
  });
  return queue.splice(0, size < 0 ? queue.length : size + 1);
}

function weightOf(portion: Portion): number {
  return portion.kind === 'gap' ? 1 : Math.max(countOf(portion), portion.text.length / bytesPerResult);
}

function countOf(portion: Portion): number {
  return portion.kind === 'results' ? portion.toSeq - portion.fromSeq + 1 : 0;
}

function rowsOf(done: readonly Committed[], nameOf: (checkId: string) => string): Commit {
  const last = new Map<Sequence, number>();
  const blocks: BlockRow[] = [];
  const gaps: Commit['gaps'][number][] = [];
  for (const { portion, firstId } of done) {
    const { sequence, fromSeq, toSeq } = portion;
    last.set(sequence, toSeq);
    const { agent, boot } = sequence;
    if (portion.kind === 'results') blocks.push(blockOf(portion, firstId, nameOf));
    else gaps.push({ agent, boot, fromSeq, toSeq, reason: portion.reason });
  }
  const sequences = [...last].map(([sequence, through]): SequenceRow => {
    const { agent, boot, vantage, clock } = sequence;
    return { agent, boot, vantage, through, alignByMs: sequence.alignByMs ?? 0, clock };
  });
  return { sequences, blocks, gaps };
}

function blockOf(
  portion: Portion & { readonly kind: 'results' },
  firstId: number,
  nameOf: (checkId: string) => string,
): BlockRow {
  const { sequence, clock, columns, skip, text } = portion;
  const names = new Set<string>();
  const bursts = new Set<string>();
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  const { check, startMs, burst } = columns;
  for (const id of new Set(check.slice(skip))) names.add(nameOf(id));
  if (burst !== undefined) for (const id of new Set(burst.slice(skip))) if (id !== null) bursts.add(id);
  for (let index = skip; index < startMs.length; index += 1) {
    const atMs = startMs[index] as number;
    if (atMs < fromMs) fromMs = atMs;
    if (atMs > toMs) toMs = atMs;
  }
  const { agent, boot, vantage } = sequence;
  const onOurs = (agentMs: number): number => agentMs + middleMs(offsetAt(clock, agentMs));
  return {
    firstId,
    count: countOf(portion),
    skip,
    agent,
    boot,
    vantage,
    clock,
    alignByMs: sequence.alignByMs ?? 0,
    fromMs: onOurs(fromMs),
    toMs: onOurs(toMs),
    names: [...names].map(between).join(''),
    bursts: [...bursts].map(between).join(''),
    frame: text,
  };
}
