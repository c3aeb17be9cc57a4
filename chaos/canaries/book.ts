/** All that writing, reading and erasing a drill's canaries takes: journaled before the first write, for whoever comes after. */
import {
  type CanaryPlan,
  type CanaryRequest,
  type DrillPlan,
  regionsWithin,
  residencyRuleFor,
  type Scenario,
} from '../../scenarios/scenario.ts';
import type { CanarySetup, CanaryTarget } from './facts.ts';

/** Plain data. Secrets are in it by reference alone. */
export type CanaryBook = {
  readonly plan: CanaryPlan;
  readonly setup: CanarySetup;
  /** Target or region to the URL that paths are put behind. */
  readonly urls: Readonly<Record<string, string>>;
  readonly userCountryHeader: string | null;
  /** Response headers that say who acknowledged, the first that is there. */
  readonly identity: readonly string[];
  /** Who answers for names, `address:port` each; empty: the system's resolver. */
  readonly servers: readonly string[];
};

/** `entry.api`: what a check calls it too. */
function entryTarget(entry: string): string {
  return `entry.${entry}`;
}

/** Writes go only where the user's country may be served and stored; stores of other regions are read all the same. */
export function canaryBook(scenario: Scenario, drill: DrillPlan, plan: CanaryPlan, id: string): CanaryBook {
  const all = Object.keys(scenario.regions);
  const rule = plan.userCountry === null ? undefined : residencyRuleFor(scenario, plan.userCountry);
  const mayStore = regionsWithin(scenario, rule?.storedIn ?? null);
  const mayWrite = regionsWithin(scenario, rule?.servedIn ?? null).filter((region) => mayStore.includes(region));
  const regions = mayWrite.filter((region) => plan.regions === null || plan.regions.includes(region));
  const everywhere = mayWrite.length === all.length && 'path' in plan.write.to;
  const entries = everywhere ? (plan.entries ?? drill.expect.map(({ entry }) => entry)) : [];
  const sequenceOf = (name: string): string => (plan.writers === 'one' ? 'one' : name);
  const targets: readonly CanaryTarget[] = [
    ...regions.map((name) => ({ name, region: name, sequence: sequenceOf(name) })),
    ...entries.map(entryTarget).map((name) => ({ name, region: null, sequence: sequenceOf(name) })),
  ];
  const { servedBy, storedIn } = scenario.identity;
  const setup: CanarySetup = {
    what: 'setup',
    drill: id,
    mark: `blackstart-${id}-`,
    writers: plan.writers,
    targets,
    stores: all.map((region) => ({ region, mayStore: mayStore.includes(region) })),
    rpoMs: plan.rpoMs,
    everyMs: plan.everyMs,
  };
  return {
    plan,
    setup,
    urls: Object.fromEntries([
      ...Object.entries(scenario.regions).map(([region, { endpoint }]) => [region, endpoint] as const),
      ...entries.map((entry) => [entryTarget(entry), scenario.entry[entry] ?? ''] as const),
    ]),
    userCountryHeader: scenario.userCountryHeader,
    identity: [storedIn, servedBy].flatMap((header) => (header === null ? [] : [header.toLowerCase()])),
    servers: serversOf(plan.resolver, scenario),
  };
}

function serversOf(resolver: string, { zone }: Scenario): readonly string[] {
  if (resolver === 'system') return [];
  return resolver === 'authorities' ? (zone?.nameservers ?? []) : [resolver];
}

export function idOf({ mark }: CanarySetup, sequence: string, seq: number): string {
  return `${mark}${sequence}-${seq}`;
}

/** What an id says; `null` for one that is no number of this drill. */
export function numberIn(
  { mark, targets }: CanarySetup,
  id: string,
): { readonly sequence: string; readonly seq: number } | null {
  const [, sequence = '', digits = ''] = /^(.+)-([1-9]\d*)$/.exec(id.slice(mark.length)) ?? [];
  const isKnown = id.startsWith(mark) && targets.some((target) => target.sequence === sequence);
  return isKnown ? { sequence, seq: Number(digits) } : null;
}

export type Filled = { readonly id?: string; readonly seq?: number };

export type CanaryCall = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

/** The request as it is sent to a target or a region's store, without its token. */
export function callOf(book: CanaryBook, request: CanaryRequest, place: string, filled: Filled = {}): CanaryCall {
  const { plan, setup, userCountryHeader } = book;
  const words: Readonly<Record<string, string>> = {
    region: place,
    drill: setup.drill,
    country: plan.userCountry ?? '',
    ...(filled.id === undefined ? {} : { id: filled.id }),
    ...(filled.seq === undefined ? {} : { seq: `${filled.seq}` }),
  };
  const fill = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
  const { to, body, method } = request;
  const json: Record<string, string> = body === null ? {} : { 'content-type': 'application/json' };
  const country: Record<string, string> =
    userCountryHeader === null || plan.userCountry === null ? {} : { [userCountryHeader]: plan.userCountry };
  const own = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), fill(value)] as const);
  return {
    method,
    url: 'url' in to ? fill(to.url) : behind(book.urls[place] ?? '', fill(to.path)),
    headers: { 'user-agent': 'blackstart', ...json, ...country, ...Object.fromEntries(own) },
    body: body === null ? null : fill(body),
  };
}

/** An endpoint may have a path of its own. */
function behind(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}${path}`;
}
