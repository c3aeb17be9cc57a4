import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, messageOf } from '../contract/failure.ts';
import { Mistakes } from '../contract/mistake.ts';
import type { ReadBeside } from './imports/collect.ts';
import { readDocument } from './parse/document.ts';
import { parseScenario } from './parse/scenario.ts';
import type { Scenario } from './scenario.ts';

type Loader = (file: string) => Promise<Scenario>;
const loaders: Readonly<Record<string, Loader>> = {
  '.yaml': loadDocument,
  '.yml': loadDocument,
  '.json': loadDocument,
  '.ts': loadModule,
};

/** Throws `Mistakes`: with file, line and column for YAML and JSON, with the file and key path for TypeScript. */
export async function loadScenario(file: string): Promise<Scenario> {
  const loader = loaders[extname(file)];
  if (loader === undefined) throw wrong(file, `a file named *${extname(file)}`, 'a .yaml, .yml, .json or .ts file');
  return loader(file);
}

async function loadDocument(file: string): Promise<Scenario> {
  const { value, placeOf } = readDocument(await textOf(file), file);
  return parseScenario(value, placeOf, beside(file));
}

async function loadModule(file: string): Promise<Scenario> {
  await textOf(file);
  const exports = await imported(file);
  if (exports['scenario'] === undefined) throw wrong(file, 'no export of that name', 'export const scenario = …');
  return parseScenario(exports['scenario'], (path) => `${file} ${path === '' ? 'scenario' : path}`, beside(file));
}

/** Paths that a scenario names are seen from its own folder. */
function beside(file: string): ReadBeside {
  return (path) => {
    const whole = isAbsolute(path) ? path : join(dirname(file), path);
    return { file: whole, text: readFileSync(whole, 'utf8') };
  };
}

async function imported(file: string): Promise<{ readonly [name: string]: unknown }> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw wrong(file, messageOf(error), 'a module that loads');
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw wrong(file, codeOf(error) === 'ENOENT' ? 'no such file' : messageOf(error), 'a scenario that can be read');
  }
}

function wrong(place: string, got: string, want: string): Mistakes {
  return new Mistakes([{ place, got, want }]);
}
