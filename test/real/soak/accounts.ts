/** What the agents wrote down against what the aggregator counted: each numbered result once, or named in a gap. */
import { readFileSync } from 'node:fs';
import type { ResultsAnswer, StoredResult } from '../../../contract/api.ts';
import type { Kept } from '../../lab/fleet-under-fire.ts';

export type LedgerLine = {
  readonly agent: string;
  readonly boot: string;
  readonly seq: number;
  readonly check: string;
  readonly outcome: string;
};

export type Accounts = {
  readonly rows: readonly AgentAccount[];
  /** One sentence for each thing that does not add up. */
  readonly wrong: readonly string[];
};

export type AgentAccount = {
  readonly agent: string;
  readonly boots: number;
  readonly numbered: number;
  readonly counted: number;
  readonly named: number;
};

export function ledgerAt(agent: string, file: string): readonly LedgerLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ agent, ...(JSON.parse(line) as Omit<LedgerLine, 'agent'>) }));
}

export async function countedAt(url: string): Promise<readonly StoredResult[]> {
  const results: StoredResult[] = [];
  for (let before = ''; ; ) {
    const page = (await (await fetch(`${url}/api/v1/results?limit=10000${before}`)).json()) as ResultsAnswer;
    results.push(...page.results);
    if (page.next === null) return results;
    before = `&before=${page.next}`;
  }
}

type Numbered = { readonly agent: string; readonly boot: string; readonly seq: number };
const keyOf = ({ agent, boot, seq }: Numbered): string => `${agent} ${boot} ${seq}`;
const bootOf = ({ agent, boot }: Omit<Numbered, 'seq'>): string => `${agent} ${boot}`;

/** Pure: what is wrong with these, and what they come to. */
export function audit(ledger: readonly LedgerLine[], results: readonly StoredResult[], kept: Kept): Accounts {
  const wrong: string[] = [];
  const say = (what: string, of: readonly Numbered[]): void => {
    if (of.length > 0) wrong.push(`${of.length} ${what}: ${of.slice(0, 3).map(keyOf).join(', ')}`);
  };
  const named = new Set(
    kept.gaps.flatMap((gap) =>
      Array.from({ length: gap.toSeq - gap.fromSeq + 1 }, (_, index) => keyOf({ ...gap, seq: gap.fromSeq + index })),
    ),
  );
  const counted = new Map(results.map((result) => [keyOf(result), `${result.checkId} ${result.outcome}`]));
  const known = new Map(ledger.map((line) => [keyOf(line), line]));
  const lastOf = new Map<string, number>();
  for (const line of ledger) lastOf.set(bootOf(line), Math.max(line.seq, lastOf.get(bootOf(line)) ?? 0));

  say(
    'lines stand twice in a ledger',
    ledger.filter((line) => known.get(keyOf(line)) !== line),
  );
  say('results are counted twice', results.length === counted.size ? [] : repeated(results));
  say(
    'numbered results are neither counted nor named',
    ledger.filter((line) => !counted.has(keyOf(line)) && !named.has(keyOf(line))),
  );
  say(
    'numbered results are counted and named',
    ledger.filter((line) => counted.has(keyOf(line)) && named.has(keyOf(line))),
  );
  say(
    'results are counted that no agent numbered',
    results.filter((result) => !known.has(keyOf(result))),
  );
  say(
    'results are counted as something else',
    ledger.filter(
      (line) => (counted.get(keyOf(line)) ?? `${line.check} ${line.outcome}`) !== `${line.check} ${line.outcome}`,
    ),
  );
  const beyond = kept.gaps.filter((gap) => gap.toSeq > (lastOf.get(bootOf(gap)) ?? 0));
  say(
    'gaps name numbers that nobody gave',
    beyond.map((gap) => ({ ...gap, seq: gap.toSeq })),
  );
  say(
    'boots are not through to their last number',
    [...new Map(ledger.map((line) => [bootOf(line), line])).values()]
      .map((line) => ({ ...line, seq: lastOf.get(bootOf(line)) ?? 0 }))
      .filter((last) => kept.through.find((one) => bootOf(one) === bootOf(last))?.through !== last.seq),
  );
  if (kept.results !== results.length)
    wrong.push(`the database has ${kept.results} results, and gives ${results.length}`);
  return { rows: rowsOf(ledger, counted, named), wrong };
}

function repeated(results: readonly StoredResult[]): readonly StoredResult[] {
  const seen = new Set<string>();
  return results.filter((result) => {
    const key = keyOf(result);
    const isThere = seen.has(key);
    seen.add(key);
    return isThere;
  });
}

function rowsOf(
  ledger: readonly LedgerLine[],
  counted: ReadonlyMap<string, string>,
  named: ReadonlySet<string>,
): readonly AgentAccount[] {
  return [...Map.groupBy(ledger, ({ agent }) => agent)].map(([agent, lines]) => ({
    agent,
    boots: new Set(lines.map(({ boot }) => boot)).size,
    numbered: lines.length,
    counted: lines.filter((line) => counted.has(keyOf(line))).length,
    named: lines.filter((line) => named.has(keyOf(line))).length,
  }));
}
