/** The options that drill commands share, and what is made of them. */
import { aggregatorClient, type Fleet, severalClients } from '../../chaos/aggregator-client.ts';
import type { Aws } from '../../chaos/cloud/aws.ts';
import { notifier } from '../../chaos/notify/notifier.ts';
import type { RunnerDeps } from '../../chaos/runner/types.ts';
import { httpSwitchboard } from '../../chaos/switchboard.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { secretOf } from '../exchange.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { painter, table } from '../table.ts';
import { canaryAccess } from './canaries.ts';
import { notifyTargets } from './notify.ts';
import { sayProgress } from './say.ts';

export type DrillFlags = {
  readonly scenario?: string;
  readonly aggregator?: readonly string[];
  readonly tokenFile?: string;
  readonly kubeconfig?: string;
  readonly evidence: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly because?: string;
  readonly for?: string;
  readonly listen?: string;
  readonly times?: string;
};

/** Reads what a command was given; all mistakes at once. `fleet`: whether it needs an aggregator. */
export async function given(
  flags: DrillFlags,
  need: { readonly fleet: boolean },
): Promise<{ readonly scenario: Scenario; readonly urls: readonly URL[]; readonly token: string | null }> {
  const reader = optionReader();
  const file = reader.required('--scenario', flags.scenario, 'a scenario file');
  const given = flags.aggregator ?? [];
  if (need.fleet) reader.required('--aggregator', given.join(','), 'the URL of the aggregator, or of each of several');
  const urls = given.length === 0 ? [] : reader.urls('--aggregator', given);
  const token = reader.secret('--token-file', flags.tokenFile);
  reader.folder('--evidence', flags.evidence);
  reader.check();
  return { scenario: await loadScenario(file), urls, token };
}

/** The drill of that name; without a name the only one, or a mistake that lists them. */
export function chosenDrill(scenario: Scenario, name: string | undefined): DrillPlan {
  const { drills } = scenario;
  const found = name === undefined && drills.length === 1 ? drills[0] : drills.find((drill) => drill.name === name);
  if (found !== undefined) return found;
  const names = drills.map((drill) => drill.name).join(', ');
  throw new Mistakes([
    {
      place: 'NAME',
      got: name === undefined ? 'nothing' : JSON.stringify(name),
      want: names === '' ? 'a scenario with drills' : `one of ${names}`,
    },
  ]);
}

/** `null` where none was given. */
export function fleetAt(urls: readonly URL[], token: string | null, io: Io): Fleet | null {
  const [first, ...others] = urls.map((url) => aggregatorClient({ url, token }, io.clock));
  return first === undefined ? null : severalClients([first, ...others]);
}

/** Opens clusters of the kubeconfig that was named, or of the one that kubectl would use. */
export async function clusterOpener(flags: DrillFlags, io: Io): Promise<RunnerDeps['openCluster']> {
  const { kubernetes } = await import('../../chaos/cloud/kubernetes.ts');
  return kubernetes(flags.kubeconfig ?? io.env['KUBECONFIG'] ?? null, io.clock).open;
}

/** AWS, by its own variables: its SDK is loaded where something is asked of it. */
export async function cloudAccount(io: Io): Promise<Aws> {
  return (await import('../../chaos/cloud/aws.ts')).aws(io.clock);
}

/** Tokens are read where they are used: one that is replaced meanwhile is the new one. */
export function switchboardOpener(io: Io): RunnerDeps['openSwitchboard'] {
  return (region, { url, token }) => {
    const read = token === null ? null : (): string => secretOf(token, io.env);
    return httpSwitchboard({ region, url, token: read }, io.clock);
  };
}

/** What a runner works with, outside of tests. */
export async function runnerDeps(
  flags: DrillFlags,
  where: { readonly scenario: Scenario; readonly urls: readonly URL[]; readonly token: string | null },
  io: Io,
): Promise<RunnerDeps> {
  const { scenario, urls, token } = where;
  const fleet = fleetAt(urls, token, io);
  if (fleet === null) throw new Error('want an aggregator');
  const startedMs = io.clock.nowMs();
  const out = flags.json === true ? io.stderr : io.stdout;
  const progress = sayProgress(out, painter(io.colour && flags.json !== true), () => io.clock.nowMs() - startedMs);
  const targets = notifyTargets(scenario, io.env);
  const message = (text: string): void => progress({ kind: 'message', text });
  const account = await cloudAccount(io);
  const zone = scenario.zone === null ? null : await account.zone(scenario.zone.id, scenario.zone.role ?? null);
  return {
    clock: io.clock,
    random: io.random,
    log: io.log,
    fleet,
    openCluster: await clusterOpener(flags, io),
    account,
    openSwitchboard: switchboardOpener(io),
    zone,
    interrupt: io.signal,
    canaries: canaryAccess(io),
    progress,
    ...(targets.length > 0 && { notify: notifier(targets, { clock: io.clock, message }) }),
  };
}

/** Rows of text, or the JSON document. */
export function answer(io: Io, flags: DrillFlags, document: object, rows: readonly (readonly string[])[]): void {
  io.stdout.write(
    flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : rows.length === 0 ? '' : `${table(rows)}\n`,
  );
}
