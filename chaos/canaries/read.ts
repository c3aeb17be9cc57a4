import { messageOf } from '../../contract/failure.ts';
import type { Json } from '../../contract/json.ts';
import { valuesAt } from '../../contract/json-path.ts';
import { ask, type CanaryDeps } from './ask.ts';
import { type CanaryBook, numberIn } from './book.ts';
import type { CanaryReading } from './facts.ts';
import { bySequence } from './loss.ts';

/** A store as it was found: each id of the drill once for each time it is there. */
export type StoreLook = { readonly reading: CanaryReading; readonly ids: readonly string[] };

/** Looks into the stores of these regions at once. Never rejects: a store that cannot be read says so. */
export async function readStores(
  book: CanaryBook,
  regions: readonly string[],
  deps: CanaryDeps,
): Promise<ReadonlyMap<string, StoreLook>> {
  const looks = await Promise.all(
    regions.map(async (region) => [region, await readStore(book, region, deps)] as const),
  );
  return new Map(looks);
}

async function readStore(book: CanaryBook, region: string, deps: CanaryDeps): Promise<StoreLook> {
  const { plan, setup } = book;
  const sentMs = deps.clock.nowMs();
  const asked = await ask(book, plan.read, { place: region }, deps);
  const common = { what: 'reading', region, sentMs, receivedMs: deps.clock.nowMs() } as const;
  const failed = (because: string): StoreLook => ({ reading: { ...common, failed: because }, ids: [] });
  if ('failed' in asked) return failed(asked.failed);
  if (asked.status < 200 || asked.status > 299) return failed(`it answered ${asked.status}`);
  try {
    const ids = valuesAt(JSON.parse(asked.body) as Json, plan.read.items).map((item) => idIn(item, plan.read.id));
    const own = ids.filter((id) => id.startsWith(setup.mark));
    return { reading: { ...common, ...numbered(book, own) }, ids: own };
  } catch (error) {
    return failed(messageOf(error));
  }
}

/** A record without an id cannot be told from another: the path is wrong, and nothing may be concluded. */
function idIn(item: Json, path: string): string {
  const [id] = valuesAt(item, path);
  if (typeof id !== 'string') throw new Error(`a record without a text at ${path}`);
  return id;
}

function numbered({ setup }: CanaryBook, ids: readonly string[]) {
  const found = new Map<string, number[]>();
  const doubles = new Map<string, number[]>();
  const odd: string[] = [];
  const seen = new Set<string>();
  for (const id of ids) {
    const number = numberIn(setup, id);
    if (number === null) odd.push(id);
    else {
      const list = seen.has(id) ? doubles : found;
      const own = list.get(number.sequence) ?? [];
      own.push(number.seq);
      list.set(number.sequence, own);
    }
    seen.add(id);
  }
  return { found: bySequence([...found]), doubles: bySequence([...doubles]), odd };
}
