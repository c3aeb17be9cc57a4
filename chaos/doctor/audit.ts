import { messageOf, Unreachable } from '../../contract/failure.ts';
import type { Json } from '../../contract/json.ts';
import {
  type AuditReport,
  type Inventory,
  regionsWithin,
  residencyRuleFor,
  type Scenario,
} from '../../scenarios/scenario.ts';
import { valuesAt } from './json-path.ts';

/** Reads one document. Throws where it cannot. */
type FetchJson = (url: string) => Promise<Json>;

/** The country's records in one region's store: how many, and how many of them name another region than it. */
type Holding = { readonly from: string } & (
  | { readonly count: number; readonly named: ReadonlyMap<string, number> }
  | { readonly failed: string }
);

/**
 * Where the records of a country's users are, by every region's inventory. A record is in the region whose inventory
 * lists it; one that names another region is there too. `pass` needs all inventories read and a record found; one record
 * in the wrong place is a `fail`, whatever else could not be read.
 */
export async function audit(scenario: Scenario, country: string, fetchJson: FetchJson): Promise<AuditReport> {
  const rule = residencyRuleFor(scenario, country);
  const allowed = regionsWithin(scenario, rule?.storedIn ?? null);
  const holdings = await Promise.all(
    Object.keys(scenario.regions).map((region) => readHolding(region, scenario.inventory[region], country, fetchJson)),
  );
  const records = recordsIn(holdings);
  return { country, records, allowed, ...judge(country, { records, allowed, holdings }) };
}

async function readHolding(
  from: string,
  inventory: Inventory | undefined,
  country: string,
  fetchJson: FetchJson,
): Promise<Holding> {
  if (inventory === undefined) return { from, failed: 'the scenario names no inventory' };
  try {
    const document = await fetchJson(inventory.http);
    const own = valuesAt(document, inventory.records).filter(
      (record) => valuesAt(record, inventory.country)[0] === country,
    );
    const named = new Map<string, number>();
    for (const record of own) {
      const [region] = valuesAt(record, inventory.region);
      if (typeof region === 'string' && region !== from) named.set(region, (named.get(region) ?? 0) + 1);
    }
    return { from, count: own.length, named };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { from, failed: messageOf(error) };
  }
}

function recordsIn(holdings: readonly Holding[]): Readonly<Record<string, number | null>> {
  const records: Record<string, number | null> = {};
  for (const holding of holdings) records[holding.from] = 'count' in holding ? holding.count : null;
  for (const holding of holdings) {
    if (!('count' in holding)) continue;
    for (const [region, count] of holding.named) records[region] = (records[region] ?? 0) + count;
  }
  return records;
}

type Audited = {
  readonly records: Readonly<Record<string, number | null>>;
  readonly allowed: readonly string[];
  readonly holdings: readonly Holding[];
};

function judge(country: string, { records, allowed, holdings }: Audited): Pick<AuditReport, 'status' | 'because'> {
  const all = Object.entries(records).flatMap(([region, count]) => (count === null ? [] : [{ region, count }]));
  const found = all.reduce((sum, { count }) => sum + count, 0);
  const astray = all.filter(({ region, count }) => count > 0 && !allowed.includes(region));
  const where = `want only ${allowed.join(', ')}`;
  const users = `records of users of ${country}`;
  if (astray.length > 0) {
    const wrong = astray.reduce((sum, { count }) => sum + count, 0);
    const places = astray.map(({ region, count }) => `${count} in ${region}`).join(', ');
    return { status: 'fail', because: `${wrong} of ${found} ${users} are outside: ${places}, ${where}` };
  }
  const failed = holdings.flatMap((holding) => ('failed' in holding ? `${holding.from}: ${holding.failed}` : []));
  if (failed.length > 0) {
    const text = `${failed.length} of ${holdings.length} inventories were not read (${failed.join('; ')})`;
    return { status: 'inconclusive', because: `${text}; ${found} ${users} in the others, all where they may be` };
  }
  const inventories = `${holdings.length} inventories`;
  return found === 0
    ? { status: 'inconclusive', because: `no ${users} in ${inventories}: nothing shows where they would be` }
    : { status: 'pass', because: `all ${found} ${users} in ${inventories} are where they may be, ${where}` };
}
