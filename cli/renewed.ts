/** Files that are replaced while we run: tokens and certificates. What cannot be used is left, and what was goes on. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../contract/clock.ts';
import { codeOf, messageOf } from '../contract/failure.ts';
import type { Log } from '../contract/log.ts';
import { type ReloadOptions, type Reloads, reloaded } from '../probes/reloaded.ts';
import type { Reader } from './options.ts';

export type Watching = {
  readonly clock: Clock;
  readonly log: Log;
  /** Who looks at the files without being asked, and reads them on SIGHUP. */
  readonly reloads?: Reloads;
};

/** What the file gives now, or the last that it could give. */
function renewed<T>(options: ReloadOptions<T>, watching: Watching): () => T {
  const file = reloaded(options, watching);
  watching.reloads?.add(file);
  return file.value;
}

/** A token on one line of a file; `null` when the option was not given. */
export function renewedToken(
  reader: Reader,
  option: string,
  file: string | undefined,
  watching: Watching,
): (() => string) | null {
  const first = reader.secret(option, file);
  if (first === null || file === undefined) return null;
  const read = (): string => {
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') throw new Error('the file is empty');
    return text;
  };
  return renewed({ file, reads: [file], read, first }, watching);
}

/** Certificates to trust beside the system's; `null` when the option was not given. */
export function renewedCa(
  reader: Reader,
  option: string,
  file: string | undefined,
  watching: Watching,
): (() => string) | null {
  const first = reader.file(option, file);
  if (first === null || file === undefined) return null;
  const mistake = mistakeInCa(first);
  // A file that cannot be read is a mistake already.
  if (mistake !== undefined && first !== '') reader.mistake({ place: option, got: file, want: mistake });
  const read = (): string => {
    const pem = text(file);
    const wrong = mistakeInCa(pem);
    if (wrong !== undefined) throw new Error(`want ${wrong}`);
    return pem;
  };
  return renewed({ file, reads: [file], read, first }, watching);
}

function mistakeInCa(pem: string): string | undefined {
  if (!pem.includes(certificateBegins)) return 'certificates in PEM';
  try {
    createSecureContext({ ca: pem });
    return undefined;
  } catch (error) {
    return `certificates in PEM (${messageOf(error)})`;
  }
}

const certificateBegins = '-----BEGIN CERTIFICATE-----';

/** As options name them. */
export type PemFiles = { readonly cert?: string; readonly key?: string; readonly ca?: string };
export type Pem = { readonly cert: string; readonly key: string; readonly ca: string | null };

/** A certificate and its key, and who signs those of others; `null` when none was given. They belong together. */
export function renewedPem(reader: Reader, files: PemFiles, caOption: string, watching: Watching): (() => Pem) | null {
  const { cert, key, ca } = files;
  if (cert === undefined && key === undefined) {
    if (ca !== undefined)
      reader.mistake({ place: caOption, got: 'no --tls-cert', want: '--tls-cert and --tls-key too' });
    return null;
  }
  if (cert === undefined || key === undefined) {
    const missing = cert === undefined ? '--tls-cert' : '--tls-key';
    reader.mistake({ place: missing, got: 'nothing', want: 'a file in PEM: a certificate and its key go together' });
    return null;
  }
  const read = (): Pem => usable({ cert: text(cert), key: text(key), ca: ca === undefined ? null : text(ca) });
  try {
    const reads = [cert, key, ...(ca === undefined ? [] : [ca])];
    return renewed({ file: cert, reads, read, first: read() }, watching);
  } catch (error) {
    const got = [cert, key, ...(ca === undefined ? [] : [ca])].join(', ');
    const code = codeOf(error);
    const why = code?.startsWith('ERR_OSSL') === true || code === undefined ? messageOf(error) : code;
    reader.mistake({ place: '--tls-cert', got, want: `a certificate in PEM and its key (${why})` });
    return null;
  }
}

function text(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Throws when they are no PEM, or the key is another's. */
function usable(pem: Pem): Pem {
  createSecureContext({ cert: pem.cert, key: pem.key, ...(pem.ca === null ? {} : { ca: pem.ca }) });
  if (!pem.cert.includes(certificateBegins)) throw new Error('no certificate in PEM');
  if (pem.ca !== null && !pem.ca.includes(certificateBegins)) throw new Error('no authority in PEM');
  return pem;
}
