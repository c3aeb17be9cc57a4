/** `generate openslo` and `generate objectives`: objectives of ours for programs that read OpenSLO, and the way back. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Document, isMap, isSeq, stringify } from 'yaml';
import { durationBounds } from '../../aggregator/metrics/layout.ts';
import { objectivesOf } from '../../scenarios/compile.ts';
import { converted } from '../../scenarios/imports/convert.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { openSloOf } from '../../scenarios/openslo/write.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';

/** Other programs read YAML 1.1, where `on` without quotes is no text. */
const writing = { lineWidth: 0, version: '1.1' } as const;

/** A start stands without quotes, as the specification has it: the program oslo 0.12 takes it in no other way. */
function textOf(documents: readonly object[]): string {
  const texts = documents.map((document) => stringify(document, writing));
  return texts.join('---\n').replaceAll(/(?<=startTime: )"([\d: -]+)"/g, '$1');
}

export type OpenSloFlags = {
  readonly scenario?: string;
  readonly out?: string;
  readonly prometheus: string;
  readonly json?: boolean;
};

export async function openSloCommand(flags: OpenSloFlags, io: Io): Promise<number> {
  const reader = optionReader();
  const file = reader.required('--scenario', flags.scenario, 'a scenario file');
  const prometheus = reader.url('--prometheus', flags.prometheus);
  const { out = null } = flags;
  if (out !== null) reader.folder('--out', dirname(out));
  reader.check();
  const scenario = await loadScenario(file);
  const { documents, notes } = openSloOf({
    service: scenario.service,
    objectives: objectivesOf(scenario),
    prometheusUrl: prometheus?.href ?? '',
    bounds: durationBounds,
  });
  const text = textOf(documents);
  if (out !== null) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, text);
  }
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ out, documents, notes }, null, 2)}\n`);
  else io.stdout.write(out === null ? text : `${out}\n`);
  say(notes, flags, io);
  return exitCodes.pass;
}

export type ObjectivesFlags = {
  readonly scenario?: string;
  readonly window?: string;
  readonly check?: string;
  readonly json?: boolean;
};

export async function objectivesCommand(files: readonly string[], flags: ObjectivesFlags, io: Io): Promise<number> {
  const scenario = flags.scenario === undefined ? null : await loadScenario(flags.scenario);
  const { objectives, notes } = converted(
    { files, window: flags.window ?? null, check: flags.check ?? null, scenario },
    (path) => ({ file: path, text: readFileSync(path, 'utf8') }),
  );
  io.stdout.write(flags.json === true ? `${JSON.stringify({ objectives, notes }, null, 2)}\n` : yamlOf(objectives));
  say(notes, flags, io);
  return exitCodes.pass;
}

/** For people on stderr; in JSON they are in the document. */
function say(notes: readonly string[], { json = false }: { readonly json?: boolean }, io: Io): void {
  if (!json) for (const note of notes) io.stderr.write(`${note}\n`);
}

/** One line each, as scenarios have them. */
function yamlOf(objectives: readonly object[]): string {
  const document = new Document({ objectives });
  const list = document.get('objectives');
  if (isSeq(list)) for (const item of list.items) if (isMap(item)) item.flow = true;
  return document.toString({ lineWidth: 0 });
}
