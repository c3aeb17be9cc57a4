import type { Check, RegionAddresses } from '../contract/check.ts';
import { Mistakes } from '../contract/mistake.ts';
import type { Observation } from '../contract/result.ts';
import { formatMs } from '../contract/units.ts';
import { exitCodes, worstExit } from './exit.ts';
import type { Io } from './io.ts';
import { gathered, optionReader } from './options.ts';
import type { Register } from './program.ts';
import { painter } from './table.ts';

type Options = {
  readonly scenario?: string;
  readonly resolver?: string;
  readonly subnet?: string;
  readonly ca?: string;
  readonly all?: boolean;
  readonly allowTarget?: readonly string[];
  readonly json?: boolean;
};

export const register: Register = (program, io, done) => {
  program
    .command('check')
    .description('Make one attempt from here and draw its phases.')
    .argument('[url|name]', 'a URL, a host name to resolve, or the name of a check in the scenario')
    .option('--scenario <file>', 'where NAME is looked up')
    .option('--resolver <host:port>', 'the DNS server to ask')
    .option('--subnet <cidr>', 'EDNS client subnet to send with a DNS question')
    .option('--ca <file>', 'certificates in PEM to trust beside the system’s')
    .option('--all', 'each check of the scenario once: a smoke test')
    .option(
      '--allow-target <target>',
      'probe nothing but this (again for more); link-local and metadata addresses only so',
      gathered,
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples: blackstart check https://shop.example/health\n          blackstart check --scenario shop.yaml --all',
    )
    .action(async (what: string | undefined, options: Options) => {
      const reader = optionReader();
      const resolver = reader.address('--resolver', options.resolver, 53);
      const ca = reader.file('--ca', options.ca);
      if (options.all !== true) reader.required('url|name', what, 'a URL, a host name, or --all with --scenario');
      if (options.all === true) reader.required('--scenario', options.scenario, 'a scenario file');
      reader.check();
      const { checks, regions } = await chosenBy(what, options);
      const { probeOnce } = await import('../probes/once.ts');
      const allowTargets = options.allowTarget ?? [];
      const made: { check: Check; observation: Observation }[] = [];
      for (const check of checks) {
        const observation = await probeOnce(check, { resolver, ca, sourceAddress: null, allowTargets, regions }, io);
        made.push({ check, observation });
        if (options.json !== true) io.stdout.write(drawn(check, observation, io));
      }
      if (options.json === true) {
        const attempts = made.map(({ check, observation }) => ({ check: check.id, kind: check.kind, ...observation }));
        io.stdout.write(`${JSON.stringify(options.all === true ? { attempts } : attempts[0], null, 2)}\n`);
      }
      const codes = { good: exitCodes.pass, bad: exitCodes.fail, missing: exitCodes.inconclusive };
      done(worstExit(made.map(({ observation }) => codes[observation.outcome])));
    });
};

type Chosen = { readonly checks: readonly Check[]; readonly regions: RegionAddresses };

async function chosenBy(what: string | undefined, options: Options): Promise<Chosen> {
  const bySystem = options.resolver === undefined;
  if (options.scenario === undefined)
    return { checks: [adHoc(what ?? '', options.subnet ?? null, bySystem)], regions: {} };
  const { loadScenario } = await import('../scenarios/load.ts');
  const { assignmentOf } = await import('../scenarios/compile.ts');
  const { checks, regions } = assignmentOf(await loadScenario(options.scenario), 1);
  if (options.all === true) return { checks, regions };
  const chosen = checks.filter((check) => check.name === what || check.id === what);
  if (chosen.length > 0) return { checks: chosen, regions };
  if (what !== undefined && /^https?:\/\//.test(what))
    return { checks: [adHoc(what, options.subnet ?? null, bySystem)], regions };
  const names = [...new Set(checks.map((check) => check.name))].join(', ');
  throw new Mistakes([
    { place: 'url|name', got: JSON.stringify(what), want: `a URL, or one of the scenario's checks: ${names}` },
  ]);
}

/** How long one attempt by hand may take. */
const timeoutMs = 10_000;

/** A check for something that no scenario names: a URL, or a host name to resolve. `bySystem`: names as getaddrinfo has them. */
export function adHoc(what: string, subnet: string | null, bySystem: boolean): Check {
  const common = {
    id: what,
    name: what,
    target: what,
    region: null,
    entry: null,
    vantages: null,
    everyMs: timeoutMs,
    timeoutMs,
  };
  if (URL.canParse(what) && /^https?:$/.test(new URL(what).protocol)) {
    const status = Array.from({ length: 200 }, (_, index) => 200 + index);
    return {
      ...common,
      kind: 'http',
      url: what,
      method: 'GET',
      headers: {},
      body: null,
      resolveWith: bySystem ? 'system' : 'resolver',
      expect: { status, headers: {}, bodyContains: [] },
      identity: { servedBy: null, storedIn: null },
    };
  }
  if (!/^[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*\.?$/.test(what)) {
    throw new Mistakes([
      {
        place: 'url|name',
        got: JSON.stringify(what),
        want: 'a URL with http or https, a host name, or the name of a check with --scenario',
      },
    ]);
  }
  return {
    ...common,
    kind: 'dns',
    hostname: what,
    recordType: 'A',
    server: null,
    subnet,
    place: null,
    expectRegions: null,
  };
}

/** Cells of the widest bar. */
const barWidth = 40;

function drawn(check: Check, observation: Observation, io: Io): string {
  const paint = painter(io.colour);
  const style = { good: 'green', bad: 'red', missing: 'yellow' } as const;
  const lines = [
    `${check.id}  ${paint(observation.outcome, style[observation.outcome])}  ${formatMs(observation.durationMs)}`,
  ];
  let beforeMs = 0;
  for (const [phase, lengthMs] of Object.entries(observation.phases)) {
    const cells = (ms: number): number => Math.round((ms / Math.max(observation.durationMs, 0.001)) * barWidth);
    const bar = `${' '.repeat(cells(beforeMs))}${'━'.repeat(Math.max(1, cells(lengthMs)))}`;
    lines.push(`  ${phase.padEnd(9)} ${bar.padEnd(barWidth + 1)} ${formatMs(lengthMs)}`);
    beforeMs += lengthMs;
  }
  if (observation.reason !== undefined) lines.push(`  ${observation.failedAt}: ${observation.reason}`);
  const { address, status, answers, ttlSeconds, server, storedIn, extra } = observation.details;
  const facts = {
    address,
    status,
    'served by': observation.servedBy ?? undefined,
    'stored in': storedIn,
    answers: answers?.join(' '),
    ttl: ttlSeconds === undefined ? undefined : `${ttlSeconds} s`,
    server,
    'grpc status': extra?.['grpcStatus'],
    serving: extra?.['serving'],
    by: extra?.['by'],
    'hop limit': extra?.['hopLimit'],
  };
  const said = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  if (said.length > 0) lines.push(`  ${said.join(' · ')}`);
  return `${lines.join('\n')}\n`;
}
