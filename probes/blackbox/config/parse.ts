/** The language of blackbox.yml, as blackbox_exporter 0.28.0 reads and shows it. */
import { emit } from './emit.ts';
import type { Module } from './module.ts';
import { fileShape, type ModuleRead, moduleShape } from './modules.ts';
import { firstDocument, Unreadable } from './node.ts';
import { type ModuleMistake, Reading } from './reading.ts';

export type Parsed =
  | {
      readonly ok: true;
      readonly modules: ReadonlyMap<string, Module>;
      /** YAML as `/config` shows it: defaults filled in, secrets hidden. */
      readonly shown: string;
    }
  | {
      readonly ok: false;
      /** All that is wrong, in one line. */
      readonly mistake: string;
      readonly mistakes: readonly ModuleMistake[];
    };

/** Never throws for what a file says. Bytes are read as UTF-8, or as UTF-16 where a byte order mark says so. */
export function parseModules(source: string | Uint8Array): Parsed {
  const reading = new Reading();
  const read = readFile(source, reading);
  if (read === null || reading.mistakes.length > 0) {
    const { mistakes } = reading;
    return { ok: false, mistake: mistakes.map(describeModuleMistake).join('; '), mistakes };
  }
  const modules = Object.entries(read.modules).map(([name, value]) => [name, moduleOf(name, value)] as const);
  return { ok: true, modules: new Map(modules), shown: emit(fileShape.show(read), 'v3') };
}

type FileRead = typeof fileShape.zero;

/** Null: not read to its end, and why is noted. */
function readFile(source: string | Uint8Array, reading: Reading): FileRead | null {
  try {
    const document = firstDocument(textOf(source));
    if (document === null) {
      reading.mistake(1, 'an empty file', 'modules');
      return null;
    }
    return fileShape.read(document, reading) ?? fileShape.start;
  } catch (error) {
    if (error instanceof Unreadable) reading.mistake(error.line, error.message, 'YAML that can be read');
    else if (error instanceof RangeError) reading.mistake(1, 'something nested too deep', 'a few levels');
    else throw error;
    return null;
  }
}

function textOf(source: string | Uint8Array): string {
  if (typeof source === 'string') return source;
  const [first, second] = source;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(source);
  } catch {
    throw new Unreadable(1, `bytes that are no ${encoding.toUpperCase()}`);
  }
}

function moduleOf(name: string, read: ModuleRead): Module {
  const { timeout: timeoutMs, http, ...others } = read;
  const { noFollowRedirects: _, bearerToken: _token, bearerTokenFile: _file, bodySizeLimit, ...rest } = http;
  return { name, timeoutMs, ...others, http: { ...rest, bodySizeLimitBytes: bodySizeLimit } };
}

/** YAML as `debug=true` shows it under "Module configuration:"; of older make than `/config`'s, and so it is there. */
export function showModule(module: Module): string {
  const { name: _, timeoutMs: timeout, http, ...others } = module;
  const { bodySizeLimitBytes: bodySizeLimit, ...rest } = http;
  const settled = { noFollowRedirects: null, bearerToken: '', bearerTokenFile: '' };
  return emit(moduleShape.show({ timeout, ...others, http: { ...rest, ...settled, bodySizeLimit } }), 'v2');
}

/** `line 7: modules.web.http.method: got …, want …`. */
export function describeModuleMistake({ line, key, got, want }: ModuleMistake): string {
  return `line ${line}: ${key === '' ? '' : `${key}: `}got ${got}, want ${want}`;
}
