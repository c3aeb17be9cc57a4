/** Numbered writes of a drill: begun before the injection, read while the region is away, erased at the end. */
import { every, sleep } from '../../contract/clock.ts';
import { type CanaryDeps, canaryDeps } from '../canaries/ask.ts';
import { type CanaryBook, canaryBook } from '../canaries/book.ts';
import { eraseCanaries } from '../canaries/erase.ts';
import { linesOf } from '../canaries/facts.ts';
import { lookedAt, lossOf, numbersOf } from '../canaries/loss.ts';
import { readStores } from '../canaries/read.ts';
import { type CanaryWriter, startWriter } from '../canaries/write.ts';
import type { Journal } from '../journal.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import type { Prepared } from './prepare.ts';
import type { Recorder } from './recorder.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';

export type Canaries = {
  /**
   * Writes from now on. Resolves when each target has acknowledged some, or had the time to. Rejects with a `Trouble` where
   * nothing is acknowledged at all: such a drill would show nothing.
   */
  begin(): Promise<void>;
  /** Reads the stores of the regions that are left. */
  look(): Promise<void>;
  /** Ends writing, reads every store once replication had its time, erases all, and proves it. Nothing aborts it. */
  finish(): Promise<void>;
};

type Parts = {
  readonly options: DrillOptions;
  readonly prepared: Pick<Prepared, 'id' | 'region'>;
  readonly recorder: Recorder;
  readonly journal: Journal;
};
type Kept = Parts & { readonly book: CanaryBook; readonly deps: RunnerDeps; readonly own: CanaryDeps };

const none: Canaries = { begin: async () => undefined, look: async () => undefined, finish: async () => undefined };

export function keepCanaries(parts: Parts, deps: RunnerDeps): Canaries {
  const { scenario, drill } = parts.options;
  const { canaries: plan = null } = drill;
  if (plan === null) return none;
  const book = canaryBook(scenario, drill, plan, parts.prepared.id);
  const kept: Kept = { ...parts, book, deps, own: canaryDeps(book, deps.canaries, deps.clock) };
  let writer: CanaryWriter | null = null;
  let stopReading = (): void => undefined;
  return {
    async begin() {
      await kept.journal.append({ type: 'canaries', book });
      kept.recorder.canary(book.setup);
      writer = startWriter(book, kept.recorder.canary, kept.own);
      stopReading = readAllThrough(kept);
      await acknowledgedByAll(kept, writer);
    },
    look: () => lookAtOthers(kept),
    async finish() {
      if (writer === null) return;
      stopReading();
      await writer.stop();
      kept.recorder.canary({ what: 'ended', atMs: deps.clock.nowMs() });
      await settle(kept);
      await erase(kept);
    },
  };
}

const enoughEach = 3;
/** In turns of `every`. */
const patience = 20;

async function acknowledgedByAll({ book, deps }: Kept, writer: CanaryWriter): Promise<void> {
  const { clock, interrupt } = deps;
  const { everyMs, timeoutMs } = book.plan;
  const untilMs = clock.nowMs() + timeoutMs + patience * everyMs;
  const isEnough = (): boolean =>
    book.setup.targets.every(({ name }) => (writer.acknowledged().get(name) ?? 0) >= enoughEach);
  while (!isEnough() && clock.nowMs() < untilMs && !interrupt.aborted) {
    await sleep(clock, everyMs, interrupt).catch(() => undefined);
  }
  if (interrupt.aborted || writer.acknowledged().size > 0) return;
  const said = [...writer.said()].map(([target, answer]) => `${target}: ${answer}`);
  const what = said.length === 0 ? 'no answer came' : said.join('; ');
  throw new Trouble('rejected', `no canary was acknowledged, so nothing would be shown of lost writes (${what})`);
}

const fastestReadMs = 1_000;
const writesPerRead = 8;

/** While the region is away. A look that takes long is waited for. */
function readAllThrough(kept: Kept): () => void {
  const { recorder, book, deps } = kept;
  const paceMs = Math.max(fastestReadMs, writesPerRead * book.plan.everyMs);
  const look = async (): Promise<void> => {
    const { phase } = recorder.drill();
    if (phase === 'failing-over' || phase === 'holding') await lookAtOthers(kept);
  };
  return every(deps.clock, paceMs, look, () => undefined);
}

async function lookAtOthers({ book, recorder, prepared, own }: Kept): Promise<void> {
  const others = book.setup.stores.map(({ region }) => region).filter((region) => region !== prepared.region);
  for (const { reading } of (await readStores(book, others, own)).values()) recorder.canary(reading);
}

const settlePauseMs = 500;

/** Until each acknowledged number is somewhere in every store that may have it, or the time for that is up. */
async function settle({ book, recorder, deps, own }: Kept): Promise<void> {
  const { clock, interrupt } = deps;
  const untilMs = clock.nowMs() + book.plan.settleMs;
  for (;;) {
    const looks = await readStores(
      book,
      book.setup.stores.map(({ region }) => region),
      own,
    );
    for (const { reading } of looks.values()) recorder.canary(reading);
    // Whoever interrupts wants it erased, not measured.
    if (isConverged(recorder, book) || interrupt.aborted || clock.nowMs() >= untilMs) return;
    await sleep(clock, settlePauseMs);
  }
}

function isConverged(recorder: Recorder, { setup }: CanaryBook): boolean {
  const facts = recorder.facts().canaries ?? [];
  const [ended] = linesOf(facts, 'ended');
  const numbers = numbersOf(facts, setup);
  return setup.stores
    .filter(({ mayStore }) => mayStore)
    .every((store) => {
      const within = { fromMs: ended?.atMs ?? 0, untilMs: Number.POSITIVE_INFINITY };
      const looked = lookedAt(facts, { stores: [store] }, within);
      if (looked === null) return false;
      const { missing, unknown } = lossOf(numbers, looked);
      return Object.keys(missing).length + Object.keys(unknown).length === 0;
    });
}

async function erase({ book, recorder, journal, own }: Kept): Promise<void> {
  const erased = await eraseCanaries(book, own);
  recorder.canary(erased);
  await journal.append({ type: 'canaries-erased', erased }).catch((error: unknown) => {
    recorder.message(`that the canaries are erased could not be written down: ${sentenceOf(error)}`);
  });
  const left = Object.entries(erased.left).map(([region, ids]) => `${ids.length} in ${region}`);
  const unread = Object.entries(erased.unread).map(([region, because]) => `${region}: ${because}`);
  if (left.length + unread.length > 0) {
    recorder.message(`canaries are not all erased: ${[...left, ...unread].join('; ')}; "drill recover" tries again`);
  }
}
