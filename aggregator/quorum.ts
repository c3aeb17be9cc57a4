/**
 * Whose fault was it? One round of one check, seen from several vantages. Evidence first, in a fixed order; the first
 * that fits names the blame. Anything else, ties included, is inconclusive: never an all-clear.
 */
import type { Blame, FailedAt, Outcome } from '../contract/result.ts';

export type Cell = {
  readonly vantage: string;
  /** The region asked; of a check that asks a name, the check: each is a question of its own. */
  readonly region: string;
  readonly outcome: Outcome;
  readonly failedAt: FailedAt | null;
};

export type VantageFacts = {
  readonly vantage: string;
  readonly region: string;
  /** In one phrase, when something is wrong with the vantage itself; `null` when nothing is known to be. */
  readonly trouble: string | null;
  /** Everything it asked lately failed, over all checks. */
  readonly everythingFails: boolean;
  /** Of its own resolver: it gives other answers than the authorities do. */
  readonly resolverContradicts: boolean;
  /** So do all references that it asks, and it asks some. */
  readonly referencesFail?: boolean;
  /** Everything it asked lately failed because no name resolved. */
  readonly resolvesNothing?: boolean;
};

/** A region that the check asks (or a question of its own, of one that asks a name), and who makes it; `null`: all do. */
export type Asked = { readonly region: string; readonly vantages: readonly string[] | null };

export type RoundFacts = {
  readonly cells: readonly Cell[];
  /** All that had to be asked in this round: of each enough has to be heard. Absent: not known. */
  readonly asked?: readonly Asked[];
  readonly vantages: readonly VantageFacts[];
  /** Whether the check asks a name rather than each region. */
  readonly byName: boolean;
  /** So many vantages have to agree; a majority of those that are healthy unless a scenario says so. */
  readonly quorum?: number | null;
};

export type Judgement = {
  /** `null` when nothing is wrong. */
  readonly blame: Blame | 'inconclusive' | null;
  readonly evidence: readonly string[];
  /** Vantages in trouble: their results of this round are missing, not bad. */
  readonly excused: readonly string[];
  /** So many vantages had to agree, of so many healthy ones. */
  readonly k: number;
  readonly n: number;
  /** Regions asked that fewer than `k` healthy vantages were heard of: nobody says that they are well. */
  readonly unheard: readonly string[];
};

/** What the rules look at: bad and good vantages per region, of healthy vantages alone. */
type Column = { readonly region: string; readonly bad: readonly Cell[]; readonly good: readonly Cell[] };

export function judgeRound(facts: RoundFacts): Judgement {
  const broken = brokenVantages(facts);
  const excused = [...broken.keys()];
  const healthy = facts.vantages.filter(({ vantage }) => !broken.has(vantage));
  const columns = columnsOf(facts.cells.filter(({ vantage }) => !broken.has(vantage)));
  const bad = columns.filter((column) => column.bad.length > 0);
  const quorum = facts.quorum ?? Math.floor(healthy.length / 2) + 1;
  const unheard = unheardOf(facts.asked ?? [], columns, { healthy, broken: excused, quorum });
  const told = [...broken].map(([vantage, why]) => `${vantage}: ${why}; its results are missing`);
  const judged = (blame: Judgement['blame'], ...evidence: string[]): Judgement => ({
    blame,
    evidence: [...told, ...evidence],
    excused,
    k: quorum,
    n: healthy.length,
    unheard: unheard.map(({ region }) => region),
  });

  if (facts.vantages.length > 1 && healthy.length < 2 && (bad.length > 0 || broken.size > 0)) {
    return judged('inconclusive', `${healthy.length} of ${facts.vantages.length} vantages are healthy, want 2 or more`);
  }
  if (bad.length === 0) {
    const heard = new Set(columns.flatMap((column) => column.good.map(({ vantage }) => vantage)));
    const wanted = Math.min(quorum, Math.max(broken.size > 0 ? 0 : 1, healthy.length));
    if (heard.size < wanted) {
      return judged('inconclusive', `heard from ${heard.size} of ${healthy.length} healthy vantages, want ${wanted}`);
    }
    // That a vantage is broken is no all-clear: it is enough that of every region something was heard.
    const lacking = broken.size === 0 ? unheard : unheard.filter(({ heard }) => heard === 0);
    if (lacking.length > 0) return judged('inconclusive', ...lacking.map(describeUnheard));
    return judged(ofBroken(facts.vantages.filter(({ vantage }) => broken.has(vantage))));
  }
  return (
    judgeNames(bad, columns, { facts, healthy, quorum }, judged) ??
    judgePath(bad, columns, { facts, healthy, quorum }, judged) ??
    judgePlaces(bad, columns, { facts, healthy, quorum }, judged) ??
    judged('inconclusive', ...bad.map((column) => describe(column)), `want ${quorum} vantages to agree`)
  );
}

type UnheardRegion = { readonly region: string; readonly heard: number; readonly of: number; readonly wanted: number };
type Hearing = {
  readonly healthy: readonly VantageFacts[];
  readonly broken: readonly string[];
  readonly quorum: number;
};

/** Of each region as many have to be heard as would have to agree, or all that ask it where those are fewer. */
function unheardOf(
  asked: readonly Asked[],
  columns: readonly Column[],
  { healthy, broken, quorum }: Hearing,
): readonly UnheardRegion[] {
  return [...Map.groupBy(asked, ({ region }) => region)].flatMap(([region, questions]) => {
    const asks = (vantage: string): boolean =>
      questions.some(({ vantages }) => vantages === null || vantages.includes(vantage));
    const of = healthy.filter(({ vantage }) => asks(vantage)).length;
    const column = columns.find((one) => one.region === region);
    const heard = (column?.bad.length ?? 0) + (column?.good.length ?? 0);
    // Where all that ask it are broken, nobody is left to be heard.
    const wanted = Math.min(quorum, Math.max(broken.some(asks) ? 0 : 1, of));
    return heard < wanted ? [{ region, heard, of, wanted }] : [];
  });
}

function describeUnheard({ region, heard, of, wanted }: UnheardRegion): string {
  return `${region}: heard from ${heard} of ${of} healthy vantages, want ${wanted}`;
}

/** A vantage that resolves nothing is left out as any that is broken, and it is known what of it is. */
function ofBroken(broken: readonly VantageFacts[]): Judgement['blame'] {
  if (broken.length === 0) return null;
  return broken.every(({ trouble, resolvesNothing }) => trouble === null && resolvesNothing) ? 'resolver' : 'vantage';
}

type Judge = (blame: Judgement['blame'], ...evidence: string[]) => Judgement;
type Context = { readonly facts: RoundFacts; readonly healthy: readonly VantageFacts[]; readonly quorum: number };

/**
 * Rule 1. A vantage that fails everywhere is broken only where the others are well: else it may be the target. One that is
 * alone has only references to be told apart by.
 */
function brokenVantages(facts: RoundFacts): ReadonlyMap<string, string> {
  const broken = new Map<string, string>();
  const isAlone = facts.vantages.length === 1;
  for (const { vantage, trouble, everythingFails, ...known } of facts.vantages) {
    const { referencesFail = false, resolvesNothing = false } = known;
    const what = resolvesNothing ? 'its resolver fails: everything it asks does' : 'everything it asks fails';
    const which = referencesFail ? `${what}, references included` : what;
    if (trouble !== null) broken.set(vantage, trouble);
    else if (everythingFails && isAlone && referencesFail) broken.set(vantage, which);
    else if (everythingFails && othersAreWell(facts, vantage)) {
      broken.set(vantage, `${which}, while other vantages are well`);
    }
  }
  return broken;
}

function othersAreWell(facts: RoundFacts, vantage: string): boolean {
  const others = facts.vantages.filter((other) => other.vantage !== vantage && other.trouble === null);
  const well = others.filter((other) => {
    const cells = facts.cells.filter((cell) => cell.vantage === other.vantage);
    return !other.everythingFails && cells.length > 0 && cells.every((cell) => cell.outcome === 'good');
  });
  return well.length > 0 && well.length * 2 > others.length;
}

/** Rule 2. A name that resolves nowhere is the target's doing; one that does not resolve here, the resolver's. */
function judgeNames(
  bad: readonly Column[],
  columns: readonly Column[],
  { healthy, quorum }: Context,
  judged: Judge,
): Judgement | undefined {
  const contradicting = new Set(healthy.filter((facts) => facts.resolverContradicts).map((facts) => facts.vantage));
  const unresolved = new Set<string>();
  for (const cell of bad.flatMap((column) => column.bad)) {
    if (cell.failedAt !== 'resolve' && !contradicting.has(cell.vantage)) return undefined;
    unresolved.add(cell.vantage);
  }
  const names = [...unresolved].join(', ');
  if (unresolved.size >= quorum && healthy.length > 1) {
    return judged('target', `names do not resolve from ${unresolved.size} of ${healthy.length} vantages: ${names}`);
  }
  const contradicts = [...unresolved].every((vantage) => contradicting.has(vantage));
  const resolve = columns.flatMap(({ good }) => good).filter(({ vantage }) => !unresolved.has(vantage));
  // Those of which nothing was heard may not resolve it either.
  if (healthy.length > 1 && resolve.length === 0 && !contradicts) return undefined;
  const why = contradicts ? 'its resolver contradicts the authorities' : 'its resolver fails';
  const others = healthy.length > 1 ? 'other vantages resolve the same names' : 'seen from this vantage only';
  return judged('resolver', `${names}: ${why}, ${others}`);
}

/** Rule 3. One vantage cannot reach what others reach at the same time, and reaches other places. */
function judgePath(
  bad: readonly Column[],
  columns: readonly Column[],
  context: Context,
  judged: Judge,
): Judgement | undefined {
  const paths: string[] = [];
  for (const column of bad) {
    const [only, ...more] = column.bad;
    if (only === undefined || more.length > 0) return undefined;
    const own = context.healthy.some(
      (facts) => facts.region === column.region && column.good.some((cell) => cell.vantage === facts.vantage),
    );
    if (!own && column.good.length < context.quorum) return undefined;
    if (!reachesOthers(only.vantage, column, columns, context)) return undefined;
    paths.push(`${only.vantage} does not reach ${column.region}, which ${namesOf(column.good)} reach`);
  }
  return judged('path', ...paths);
}

function reachesOthers(vantage: string, column: Column, columns: readonly Column[], context: Context): boolean {
  if (context.facts.byName) return context.healthy.some((facts) => facts.vantage === vantage && !facts.everythingFails);
  return columns.some((other) => other !== column && other.good.some((cell) => cell.vantage === vantage));
}

/** Rule 4. Enough vantages agree: on one region, on all of them, or on the name. */
function judgePlaces(
  bad: readonly Column[],
  columns: readonly Column[],
  context: Context,
  judged: Judge,
): Judgement | undefined {
  const agreed = bad.filter((column) => column.bad.length >= context.quorum);
  if (agreed.length === 0) return undefined;
  const only = context.facts.vantages.length === 1 ? ['seen from this vantage only'] : [];
  const evidence = agreed.map((column) => describe(column));
  const everywhere = context.facts.byName || (columns.length > 1 && agreed.length === columns.length);
  return judged(everywhere ? 'target' : 'region', ...evidence, ...only);
}

/** One cell for each vantage: of several, a bad one. */
function columnsOf(cells: readonly Cell[]): readonly Column[] {
  const regions = new Map<string, Map<string, Cell>>();
  for (const cell of cells) {
    if (cell.outcome === 'missing') continue;
    const column = regions.get(cell.region) ?? new Map<string, Cell>();
    regions.set(cell.region, column);
    if (cell.outcome === 'bad' || !column.has(cell.vantage)) column.set(cell.vantage, cell);
  }
  return [...regions].map(([region, column]) => ({
    region,
    bad: [...column.values()].filter((cell) => cell.outcome === 'bad'),
    good: [...column.values()].filter((cell) => cell.outcome === 'good'),
  }));
}

function describe(column: Column): string {
  const all = column.bad.length + column.good.length;
  return `${column.region}: bad from ${column.bad.length} of ${all} vantages (${namesOf(column.bad)})`;
}

function namesOf(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.vantage).join(', ');
}
