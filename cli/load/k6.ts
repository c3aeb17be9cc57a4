/** A drill's load: k6 and the script looked at before anything is touched, and how it is started. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadProgram, loadVerdict } from '../../chaos/load.ts';
import type { LoadPlan } from '../../scenarios/load-plan.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import type { Io } from '../io.ts';
import { inspectScript } from './inspect.ts';
import { startK6 } from './process.ts';
import { findK6, type K6 } from './program.ts';
import { besideScenario, loadForMs, type Script, scriptEnvironment, scriptOf } from './script.ts';
import { checkTypes } from './types.ts';

export type LoadOf = {
  readonly scenario: Scenario;
  /** Where it was read: paths are seen from its folder. */
  readonly scenarioFile: string;
  readonly drill: DrillPlan;
  /** For what people should know. */
  readonly tell: (text: string) => void;
};

/** Beyond its own time: then it is asked to end, whatever its script says. */
const slackMs = 5_000;

/**
 * `undefined` for a drill that runs under none. Throws `Mistakes` or a `Trouble` (exit 2) where there is no k6 for it, or
 * where the script cannot be run: nothing is touched by then.
 */
export async function loadFor(given: LoadOf, io: Io): Promise<LoadProgram | undefined> {
  const { scenario, scenarioFile, drill } = given;
  const plan = drill.load;
  if (plan === undefined) return undefined;
  const script = scriptOf(plan, scenarioFile);
  const k6 = await findK6(io.env, { resolver: plan.resolver !== null });
  const forMs = loadForMs(plan, drill);
  const env = environmentOf(plan, { scenario, scenarioFile, forMs }, io.env);
  const folder = newFolder(plan);
  try {
    const inspection = { k6, script: script.file, env, config: folder.config };
    const { keepsAddresses } = await inspectScript(inspection, plan, io.signal);
    const untyped = script.own ? null : await checkTypes(script.file, folder.dir, io.signal);
    if (untyped !== null) given.tell(`load: ${untyped}`);
    return starter({ ...given, plan, script, k6, env, forMs, keepsAddresses }, io);
  } finally {
    folder.remove();
  }
}

type Ready = LoadOf & {
  readonly plan: LoadPlan;
  readonly script: Script;
  readonly k6: K6;
  readonly env: Readonly<Record<string, string>>;
  readonly forMs: number;
  readonly keepsAddresses: boolean;
};

function starter(ready: Ready, io: Io): LoadProgram {
  const { plan, script, k6, env, forMs, tell } = ready;
  return {
    start() {
      const folder = newFolder(plan);
      const about = { program: k6.version, script: plan.script, wanted: plan.thresholds };
      tell(`load: ${k6.version} runs ${plan.script}, at most ${plan.users} users at ${env['TARGET']}${plan.path}`);
      const argv = argumentsOf(ready, folder);
      return startK6(
        {
          ...{ file: k6.file, argv: [...argv, script.file], env, summaryFile: folder.summary, about },
          boundMs: forMs + slackMs,
          onEnd(facts) {
            folder.remove();
            const { status, because } = loadVerdict(facts);
            tell(`load: ended${facts.ended === 'itself' ? ' by itself' : ''}, ${status}: ${because}`);
          },
        },
        io.clock,
      );
    },
  };
}

/** Requests on stdout, errors as JSON on stderr; nothing for people, and nothing to the disk but a summary. */
function argumentsOf({ plan, keepsAddresses }: Ready, folder: Folder): readonly string[] {
  return [
    ...['run', '--quiet', '--summary-mode', 'compact', '--log-output', 'stderr', '--log-format', 'json'],
    ...['--out', 'json=-', '--summary-export', folder.summary, '--config', folder.config],
    ...(keepsAddresses ? [] : ['--dns', 'ttl=0']),
    ...(plan.sourceAddress === null ? [] : ['--local-ips', plan.sourceAddress]),
  ];
}

type Where = { readonly scenario: Scenario; readonly scenarioFile: string; readonly forMs: number };

/** What any program needs, ways through a proxy, and what the plan says: no secrets of ours. */
function environmentOf(plan: LoadPlan, where: Where, env: Io['env']): Readonly<Record<string, string>> {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  const inherited = [...names, ...proxies].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_NO_USAGE_REPORT: 'true',
    ...(plan.ca === null ? {} : { SSL_CERT_FILE: besideScenario(plan.ca, where.scenarioFile) }),
    ...(plan.resolver === null ? {} : { BLACKSTART_RESOLVER: plan.resolver }),
    ...scriptEnvironment(plan, where.scenario, where.forMs),
  };
}

type Folder = { readonly dir: string; readonly config: string; readonly summary: string; remove(): void };

/** A folder of its own, with the options that k6 has no flag for. */
function newFolder({ thresholds }: LoadPlan): Folder {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-load-'));
  const config = join(dir, 'options.json');
  writeFileSync(config, JSON.stringify(Object.keys(thresholds).length === 0 ? {} : { thresholds }));
  return {
    dir,
    config,
    summary: join(dir, 'summary.json'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
