/** Secrets as the agent resolves them: an assignment only says where they are. */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Clock } from '../contract/clock.ts';
import { codeOf } from '../contract/failure.ts';
import type { SecretReference } from '../contract/secret.ts';
import { type HostPattern, hostPattern, matchesHost } from './limits/hosts.ts';

export type SecretStore = {
  /**
   * The secret as it is now, to be sent to `host`: the name or literal that is asked, without a port; with redirects the
   * host of each hop, with a proxy's credentials the proxy. Rejects with one sentence, which names the reference and
   * never the secret, also when the secret is not for that host.
   */
  read(reference: SecretReference, host: string): Promise<string>;
};

export type SecretOptions = {
  /** `{ file }` is looked for here alone; `null`: there are none. */
  readonly dir: string | null;
  /** `{ env }` is looked for here, where its name begins with `secretPrefix`. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

export const secretPrefix = 'BLACKSTART_SECRET_';
const maxSecretBytes = 65_536;
/** Files are looked at again this often, however often they are asked for. */
const readAgainMs = 1_000;
const maxKept = 256;

/** A text and the stamp of the file that it was read from. */
type Kept = { readonly text: string; readonly stamp: string; lookedMs: number };

/** Who may be told a secret stands beside it: `NAME.hosts`, or the variable with `_HOSTS` behind it. Nobody, where neither is. */
export function secretStore({ dir, env }: SecretOptions, clock: Pick<Clock, 'nowMs'>): SecretStore {
  const kept = new Map<string, Kept>();

  async function textOf(name: string, folder: string): Promise<string> {
    const known = kept.get(name);
    const nowMs = clock.nowMs();
    if (known !== undefined && nowMs - known.lookedMs < readAgainMs) return known.text;
    kept.delete(name);
    const read = await readWithin(folder, name, known);
    if (kept.size >= maxKept) kept.clear();
    kept.set(name, { ...read, lookedMs: nowMs });
    return read.text;
  }

  async function ofFile(name: string, host: string): Promise<string> {
    if (dir === null) throw new Error('this agent has no folder of secrets: --secrets names one');
    if (!isName(name)) throw new Error('want the name of a file within the folder of secrets');
    const hosts = await textOf(`${name}.hosts`, dir).catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT'
        ? new Error(`there is no ${name}.hosts that says to whom it may be sent`)
        : error;
    });
    allow(hosts, host, `${name}.hosts`);
    return textOf(name, dir);
  }

  async function ofEnv(name: string, host: string): Promise<string> {
    if (!name.startsWith(secretPrefix)) throw new Error(`want a name that begins with ${secretPrefix}`);
    const hosts = env[`${name}_HOSTS`];
    if (hosts === undefined) throw new Error(`there is no ${name}_HOSTS that says to whom it may be sent`);
    allow(hosts, host, `${name}_HOSTS`);
    const text = env[name];
    if (text === undefined) throw new Error('there is no such variable');
    if (Buffer.byteLength(text) > maxSecretBytes) throw new Error(`want at most ${maxSecretBytes} bytes`);
    return withoutLineEnd(text);
  }

  return {
    async read(reference, host) {
      const [what, name] = 'file' in reference ? ['file', reference.file] : ['env', reference.env];
      try {
        return await (what === 'file' ? ofFile(name, host) : ofEnv(name, host));
      } catch (error) {
        throw new Error(`secret ${what} ${JSON.stringify(name.slice(0, 100))}: ${sentence(error)}`);
      }
    },
  };
}

/** Parts of letters, digits, `.`, `_` and `-`, with slashes between them; none begins with two dots. */
function isName(name: string): boolean {
  return name.length <= 255 && name.split('/').every((part) => /^(?!\.\.|\.$)[A-Za-z0-9._-]+$/.test(part));
}

/** Throws unless one of the lines is that host, or ends it. */
function allow(list: string, host: string, where: string): void {
  const named = host.replace(/^\[(.*)\]$/, '$1');
  const lines = list
    .split(/[\s,]+/)
    .filter((line) => line !== '')
    .map((line) => line.toLowerCase());
  const isListed = lines.some((line) => {
    const pattern: HostPattern | undefined = hostPattern(line);
    return pattern === undefined ? line === named.toLowerCase() : matchesHost(named, pattern);
  });
  if (!isListed) throw new Error(`it is not for ${named.slice(0, 100)}: ${where} does not name that host`);
}

/** Follows links, as those of a mounted Kubernetes secret, but not out of the folder. */
async function readWithin(folder: string, name: string, known: Kept | undefined): Promise<Omit<Kept, 'lookedMs'>> {
  const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, name))]);
  if (!file.startsWith(`${root}${sep}`)) throw new Error('it leads out of the folder of secrets');
  // Without waiting: a pipe that nobody writes to would hold the attempt up.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) throw new Error('want a file');
    const stamp = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    return known?.stamp === stamp ? known : { text: withoutLineEnd(await bounded(handle)), stamp };
  } finally {
    await handle.close();
  }
}

async function bounded(handle: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(maxSecretBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (length > maxSecretBytes) throw new Error(`want at most ${maxSecretBytes} bytes`);
    if (bytesRead === 0) return buffer.toString('utf8', 0, length);
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** Our own words, or the code of what the system said: its words may hold paths. */
function sentence(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code !== undefined) return `it cannot be read (${code})`;
  return error instanceof Error ? error.message : 'it cannot be read';
}
