/** `generate k6`: the load of a drill for the k6 operator of a cluster, from the same plan that `drill run` starts k6 by. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { stringify } from 'yaml';
import { Mistakes } from '../../contract/mistake.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { LoadPlan } from '../../scenarios/load-plan.ts';
import type { DrillPlan, Scenario } from '../../scenarios/scenario.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { besideScenario, loadForMs, type Script, scriptEnvironment, scriptOf } from '../load/script.ts';
import { optionReader } from '../options.ts';

export type K6Flags = {
  readonly scenario?: string;
  readonly drill?: string;
  readonly out?: string;
  readonly namespace: string;
  readonly image?: string;
  readonly runners: string;
  readonly json?: boolean;
};

export async function k6Command(flags: K6Flags, io: Io): Promise<number> {
  const reader = optionReader();
  const file = reader.required('--scenario', flags.scenario, 'a scenario file');
  const parallelism = reader.whole('--runners', flags.runners, { from: 1, to: 1_000 });
  const { out = null, namespace, image = null } = flags;
  if (out !== null) reader.folder('--out', dirname(out));
  reader.check();
  const scenario = await loadScenario(file);
  const drill = loadedDrill(scenario, flags.drill);
  const { documents, notes } = manifestsOf({ scenario, scenarioFile: file, drill, namespace, image, parallelism });
  const text = documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
  if (out !== null) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, text);
  }
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ out, documents, notes }, null, 2)}\n`);
  else {
    io.stdout.write(out === null ? text : `${out}\n`);
    io.stderr.write(notes.map((note) => `${note}\n`).join(''));
  }
  return exitCodes.pass;
}

type Loaded = DrillPlan & { readonly load: LoadPlan };

function loadedDrill({ drills }: Scenario, name: string | undefined): Loaded {
  const loaded = drills.filter((drill): drill is Loaded => drill.load !== undefined);
  const found = name === undefined && loaded.length === 1 ? loaded[0] : loaded.find((drill) => drill.name === name);
  if (found !== undefined) return found;
  const names = loaded.map((drill) => drill.name).join(', ');
  const want = names === '' ? 'a scenario with a drill that has a load' : `one of ${names}`;
  throw new Mistakes([{ place: '--drill', got: name === undefined ? 'nothing' : JSON.stringify(name), want }]);
}

type Given = {
  readonly scenario: Scenario;
  readonly scenarioFile: string;
  readonly drill: Loaded;
  readonly namespace: string;
  readonly image: string | null;
  readonly parallelism: number;
};

/** Where the operator has a ConfigMap in its pods. */
const mounted = '/test';
/** As a namespace that enforces "restricted" wants it, and ours does; the user is that of k6's own image. */
const restricted = {
  securityContext: { runAsNonRoot: true, runAsUser: 12_345, seccompProfile: { type: 'RuntimeDefault' } },
  containerSecurityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
} as const;
/** What a ConfigMap may hold. */
const mostBytes = 1_048_576;

/** A ConfigMap with all that the script needs, and the TestRun that runs it. */
export function manifestsOf(given: Given): {
  readonly documents: readonly object[];
  readonly notes: readonly string[];
} {
  const { drill, namespace, parallelism } = given;
  const { load } = drill;
  const script = scriptOf(load, given.scenarioFile);
  const data = dataOf(load, script, given.scenarioFile);
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > mostBytes) {
    const want = `at most ${mostBytes} bytes, which is what a ConfigMap may hold`;
    throw new Mistakes([{ place: 'load.script', got: `${bytes} bytes with what belongs to it`, want }]);
  }
  const name = nameOf(drill.name);
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'blackstart' } };
  const settles = script.own || /\bdns\s*:/.test(data[basename(script.file)] ?? '');
  const flags = ['--include-system-env-vars', `--config ${mounted}/options.json`, ...(settles ? [] : ['--dns ttl=0'])];
  const runner = { ...(given.image === null ? {} : { image: given.image }), env: environmentOf(given), ...restricted };
  const spec = {
    parallelism,
    script: { configMap: { name, file: basename(script.file) } },
    arguments: flags.join(' '),
    runner,
    starter: restricted,
  };
  return {
    documents: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
      { apiVersion: 'k6.io/v1alpha1', kind: 'TestRun', metadata, spec },
    ],
    notes: notesOf(given, script, data),
  };
}

function nameOf(drill: string): string {
  const plain = drill.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `blackstart-load-${plain}`.slice(0, 50).replace(/-+$/, '');
}

function dataOf(load: LoadPlan, script: Script, scenarioFile: string): Readonly<Record<string, string>> {
  const options = Object.keys(load.thresholds).length === 0 ? {} : { thresholds: load.thresholds };
  const files = script.files.map((file) => [basename(file), readFileSync(file, 'utf8')] as const);
  return {
    ...Object.fromEntries(files),
    'options.json': `${JSON.stringify(options, null, 2)}\n`,
    ...(load.ca === null ? {} : { 'ca.pem': readFileSync(besideScenario(load.ca, scenarioFile), 'utf8') }),
  };
}

function environmentOf({ drill, scenario }: Given): readonly object[] {
  const { load } = drill;
  const all = {
    ...scriptEnvironment(load, scenario, loadForMs(load, drill)),
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    ...(load.ca === null ? {} : { SSL_CERT_FILE: `${mounted}/ca.pem` }),
    ...(load.resolver === null ? {} : { BLACKSTART_RESOLVER: load.resolver }),
  };
  return Object.entries(all).map(([name, value]) => ({ name, value }));
}

/** What of the plan is not as with `drill run`. */
function notesOf({ drill, image }: Given, script: Script, data: Readonly<Record<string, string>>): readonly string[] {
  const { load } = drill;
  const imports = /\bfrom\s+['"]\.{1,2}\//.test(data[basename(script.file)] ?? '') && !script.own;
  return [
    'the drill does not start it and does not read it: it runs from when it is applied, and its result is the TestRun’s',
    ...(load.resolver === null || image !== null
      ? []
      : [`load.resolver ${load.resolver} needs an image with the k6 of deploy/k6: name it with --image`]),
    ...(load.sourceAddress === null ? [] : [`load.sourceAddress ${load.sourceAddress} is left out: a pod has its own`]),
    ...(imports ? [`${basename(script.file)} imports files beside it, which are not in the ConfigMap: bundle it`] : []),
  ];
}
