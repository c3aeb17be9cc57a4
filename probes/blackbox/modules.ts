/** The file of modules as it is loaded: read again on demand and when it changes. A bad one keeps what was. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Clock, every } from '../../contract/clock.ts';
import { codeOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Module } from './config/module.ts';

/** What a text is read to. `shown`: as `/config` shows it, secrets hidden. */
export type Loaded = { readonly modules: ReadonlyMap<string, Module>; readonly shown: string };
export type ParseModules = (
  text: Uint8Array,
) => ({ readonly ok: true } & Loaded) | { readonly ok: false; readonly mistake: string };

export type ModuleFile = {
  current(): Loaded;
  /** What was wrong with it, one sentence; `undefined` when it is loaded. One after the other. */
  reload(): Promise<string | undefined>;
  /** Of the last reload, and of the last that went well; in milliseconds since the epoch. */
  readonly status: { readonly successful: boolean; readonly succeededAtMs: number };
  stop(): void;
};

/** How often the file is looked at. */
const lookAgainMs = 5_000;

/** What is wrong with the file at the start is returned as one sentence. */
export async function openModules(
  path: string,
  parse: ParseModules,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<ModuleFile | { readonly mistake: string }> {
  let loaded: Loaded | undefined;
  let digest = '';
  let succeededAtMs = 0;
  let successful = false;
  let last: Promise<unknown> = Promise.resolve();

  async function load(onlyIfChanged: boolean): Promise<string | undefined> {
    const text = await textOf(path);
    const read = createHash('sha256')
      .update(text.ok ? text.text : text.mistake)
      .digest('hex');
    if (onlyIfChanged && read === digest) return undefined;
    const parsed = text.ok ? parse(text.text) : text;
    digest = read;
    successful = parsed.ok;
    if (!parsed.ok) return parsed.mistake;
    loaded = 'modules' in parsed ? parsed : loaded;
    succeededAtMs = clock.wallMs();
    return undefined;
  }
  function inTurn(onlyIfChanged: boolean): Promise<string | undefined> {
    const next = last.then(() => load(onlyIfChanged));
    last = next;
    return next;
  }
  async function look(): Promise<void> {
    const before = digest;
    const mistake = await inTurn(true);
    if (mistake !== undefined)
      log.error({ file: path, mistake }, 'the modules cannot be loaded: those of before go on');
    else if (digest !== before) log.info({ file: path }, 'the modules were loaded anew');
  }

  const mistake = await inTurn(false);
  if (loaded === undefined) return { mistake: mistake ?? 'nothing was loaded' };
  const first = loaded;
  const stop = every(clock, lookAgainMs, look, (error) => log.error({ error }, 'the modules were not looked at'));
  return {
    current: () => loaded ?? first,
    reload: () => inTurn(false),
    get status() {
      return { successful, succeededAtMs };
    },
    stop,
  };
}

type Text = { readonly ok: true; readonly text: Buffer } | { readonly ok: false; readonly mistake: string };

async function textOf(path: string): Promise<Text> {
  try {
    return { ok: true, text: await readFile(path) };
  } catch (error) {
    return { ok: false, mistake: `error reading config file: open ${path}: ${codeOf(error) ?? String(error)}` };
  }
}
