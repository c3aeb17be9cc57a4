/** The file of modules as it is loaded. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../contract/clock.ts';
import { codeOf, messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import { type Reloaded, reloaded } from '../reloaded.ts';
import type { Module } from './config/module.ts';

/** What a text is read to. `shown`: as `/config` shows it, secrets hidden. */
export type Loaded = { readonly modules: ReadonlyMap<string, Module>; readonly shown: string };
export type ParseModules = (
  text: Uint8Array,
) => ({ readonly ok: true } & Loaded) | { readonly ok: false; readonly mistake: string };

/** What is wrong with the file at the start is returned as one sentence. */
export function openModules(
  path: string,
  parse: ParseModules,
  deps: { readonly clock: Clock; readonly log: Log },
): Reloaded<Loaded> | { readonly mistake: string } {
  const read = (): Loaded => {
    const parsed = parse(textOf(path));
    if (!parsed.ok) throw new Error(`error parsing config file: ${parsed.mistake}`);
    return parsed;
  };
  try {
    return reloaded({ file: path, reads: [path], read, first: read() }, deps);
  } catch (error) {
    return { mistake: messageOf(error) };
  }
}

function textOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`error reading config file: open ${path}: ${codeOf(error) ?? messageOf(error)}`);
  }
}
