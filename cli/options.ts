/** Reading what a user wrote on the command line. Every mistake names its option, what it got and what it wants. */
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type HostPort, parseHostPort } from '../contract/address.ts';
import { codeOf } from '../contract/failure.ts';
import { type Mistake, Mistakes } from '../contract/mistake.ts';
import { parseBytes, parseDurationMs } from '../contract/units.ts';
import { whyUnusable } from './unusable.ts';

/** Collects mistakes, so that all are reported at once. Values after a mistake are not to be used before `check`. */
export type Reader = {
  address(option: string, text: string | undefined, defaultPort?: number): HostPort | null;
  url(option: string, text: string | undefined): URL | null;
  /** Each may hold several, between commas; none stands twice. */
  urls(option: string, texts: readonly string[]): readonly URL[];
  /** The file's text without the white space around it; `null` when the option was not given. */
  secret(option: string, file: string | undefined): string | null;
  file(option: string, file: string | undefined): string | null;
  /** A folder that is there or can be made. It is not made yet. */
  folder(option: string, path: string): string;
  durationMs(option: string, text: string, allowed: { readonly fromMs: number; readonly toMs: number }): number;
  bytes(option: string, text: string, allowed: { readonly from: number; readonly to: number }): number;
  whole(option: string, text: string, allowed: { readonly from: number; readonly to: number }): number;
  oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T;
  required(option: string, text: string | undefined, want: string): string;
  mistake(mistake: Mistake): void;
  /** Throws `Mistakes` if there were any. */
  check(): void;
};

export function optionReader(): Reader {
  const mistakes: Mistake[] = [];
  const note = (place: string, got: string, want: string): void => {
    mistakes.push({ place, got, want });
  };
  const read = (option: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      note(option, JSON.stringify(file), `a readable file (${codeOf(error) ?? 'unreadable'})`);
      return '';
    }
  };
  const urlOf = (option: string, text: string): URL | null => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
    note(option, JSON.stringify(text), 'a URL with http or https, such as https://blackstart.example:9115');
    return null;
  };
  return {
    address(option, text, defaultPort) {
      if (text === undefined) return null;
      const at = parseHostPort(text, defaultPort);
      if (at === undefined) note(option, JSON.stringify(text), 'HOST:PORT, such as 127.0.0.1:0');
      return at ?? null;
    },
    url: (option, text) => (text === undefined ? null : urlOf(option, text)),
    urls(option, texts) {
      const urls = texts
        .flatMap((text) => text.split(','))
        .flatMap((text): readonly URL[] => {
          const url = urlOf(option, text.trim());
          return url === null ? [] : [url];
        });
      const [twice] = urls.filter(({ href }, index) => urls.findIndex((other) => other.href === href) < index);
      if (twice !== undefined) note(option, `${twice.href} twice`, 'each URL once');
      return urls;
    },
    secret(option, file) {
      if (file === undefined) return null;
      const text = read(option, file).trim();
      if (text === '' && mistakes.at(-1)?.place !== option)
        note(option, `an empty file ${file}`, 'a token on one line');
      return text;
    },
    file: (option, file) => (file === undefined ? null : read(option, file)),
    folder(option, path) {
      const trouble = troubleMaking(resolve(path));
      if (trouble !== null) note(option, JSON.stringify(path), `a folder that can be made (${trouble})`);
      return path;
    },
    durationMs(option, text, { fromMs, toMs }) {
      const ms = parseDurationMs(text);
      if (ms === undefined || ms < fromMs || ms > toMs)
        note(option, JSON.stringify(text), `a duration from ${fromMs}ms to ${toMs}ms`);
      return ms ?? fromMs;
    },
    bytes(option, text, { from, to }) {
      const bytes = parseBytes(text);
      if (bytes === undefined || bytes < from || bytes > to)
        note(option, JSON.stringify(text), `a size from ${from} to ${to} bytes, such as 64MiB`);
      return bytes ?? from;
    },
    whole(option, text, { from, to }) {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!(value >= from && value <= to)) note(option, JSON.stringify(text), `a whole number from ${from} to ${to}`);
      return Number.isNaN(value) ? from : value;
    },
    oneOf(option, text, allowed) {
      const found = allowed.find((one) => one === text);
      if (found === undefined) note(option, JSON.stringify(text), allowed.join(' or '));
      return found ?? (allowed[0] as (typeof allowed)[number]);
    },
    required(option, text, want) {
      if (text === undefined || text === '') note(option, 'nothing', want);
      return text ?? '';
    },
    mistake: (mistake) => mistakes.push(mistake),
    check() {
      if (mistakes.length > 0) throw new Mistakes(mistakes);
    },
  };
}

/**
 * Why a folder cannot be made, by making its uppermost missing part and taking it away again. Node's own recursive mkdir
 * never returns where a file system refuses with ENOENT below a folder that is there, as /proc does.
 */
function troubleMaking(path: string): string | null {
  let missing = path;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  try {
    if (!existsSync(path)) {
      mkdirSync(missing);
      rmdirSync(missing);
    }
    return null;
  } catch (error) {
    const code = codeOf(error);
    return whyUnusable(code) ?? code ?? 'it is refused';
  }
}

/** For an option that may be given more than once. */
export function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
