import { sleep } from '../../contract/clock.ts';
import { ask, type CanaryDeps } from './ask.ts';
import type { CanaryBook } from './book.ts';
import type { CanaryErased } from './facts.ts';
import { readStores, type StoreLook } from './read.ts';

/** A store that is away for a moment is no reason to leave anything in it. */
const eraseWithinMs = 30_000;
const leastPauseMs = 500;
/** Replication, or a write that nobody waited for any more, may bring one back: so many looks in a row must find none. */
const looksThatProve = 2;
const atOnce = 8;

/**
 * Erases all that has the drill's mark, in every region, and looks again until none is left or the time is up. What it says
 * is what the last look found. Never rejects; can be run twice, and beside another.
 */
export async function eraseCanaries(book: CanaryBook, deps: CanaryDeps): Promise<CanaryErased> {
  const { clock } = deps;
  const regions = book.setup.stores.map(({ region }) => region);
  const untilMs = clock.nowMs() + eraseWithinMs;
  const seen = new Set<string>();
  const refused = new Map<string, string>();
  for (let clean = 0; ; ) {
    const looks = await readStores(book, regions, deps);
    for (const { ids } of looks.values()) for (const id of ids) seen.add(id);
    const isClean = [...looks.values()].every(({ reading, ids }) => 'found' in reading && ids.length === 0);
    clean = isClean ? clean + 1 : 0;
    if (clean === looksThatProve || clock.nowMs() >= untilMs) return erasedBy(looks, refused, seen.size);
    for (const [region, { ids }] of looks) {
      const because = await eraseIn(book, region, [...new Set(ids)], deps);
      if (because !== null) refused.set(region, because);
    }
    await sleep(clock, Math.max(leastPauseMs, 2 * book.plan.everyMs));
  }
}

/** Why not all were taken; `null` where they were, as far as the answers say. */
async function eraseIn(
  book: CanaryBook,
  region: string,
  ids: readonly string[],
  deps: CanaryDeps,
): Promise<string | null> {
  const { erase } = book.plan;
  const perRecord = [...Object.values(erase.to), erase.body ?? '', ...Object.values(erase.headers)].some((text) =>
    text.includes('{id}'),
  );
  const waiting: (string | null)[] = perRecord ? [...ids] : ids.length > 0 ? [null] : [];
  let because: string | null = null;
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const asked = await ask(book, erase, { place: region, ...(id === null ? {} : { id }) }, deps);
      if ('failed' in asked) because = asked.failed;
      // What is not there is erased.
      else if ((asked.status < 200 || asked.status > 299) && asked.status !== 404)
        because = `erasing was answered ${asked.status}`;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return because;
}

function erasedBy(
  looks: ReadonlyMap<string, StoreLook>,
  refused: ReadonlyMap<string, string>,
  records: number,
): CanaryErased {
  const left = [...looks].filter(([, { ids }]) => ids.length > 0);
  const unread = [...looks].flatMap(([region, { reading }]) =>
    'failed' in reading ? [[region, reading.failed] as const] : [],
  );
  const reasons = left.flatMap(([region]) => {
    const because = refused.get(region);
    return because === undefined ? [] : [[region, because] as const];
  });
  return {
    what: 'erased',
    left: Object.fromEntries(left.map(([region, { ids }]) => [region, [...new Set(ids)]])),
    unread: Object.fromEntries([...unread, ...reasons]),
    records,
  };
}
