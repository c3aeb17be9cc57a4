/** One echo request by the system's `ping`, which may open what Node cannot: a child process with fixed arguments. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { HopCount } from '../../contract/check.ts';
import type { Ending } from '../ending.ts';
import { maxReasonLength } from '../prober.ts';

export type EchoTerms = {
  /** A literal. */
  readonly address: string;
  readonly payloadBytes: number;
  /** Of IPv6 the hop limit. */
  readonly ttl: HopCount;
  readonly dontFragment: boolean;
  readonly sourceAddress?: string;
  /** For an answer; as long as `ping` can unless given. */
  readonly waitSeconds?: number;
};

/** `iputils` resolves the names of who answers unless told not to, and knows of fragments; `plain` does neither. */
export const dialects = ['iputils', 'plain'] as const;
export type Dialect = (typeof dialects)[number];

export type Pinged =
  /** `rttMs`: `null` where `ping` did not measure, which it cannot with less than 16 bytes. */
  | { readonly said: 'answer'; readonly rttMs: number | null; readonly hopLimit: number | null }
  /** Somebody on the way, or this machine's own network, says that it does not get there. */
  | { readonly said: 'unreachable' | 'expired' | 'nothing' | 'cut short'; readonly words: string }
  /** It did not come to a request: no such program, or it may not, or it does not know these arguments. */
  | { readonly said: 'trouble'; readonly words: string };

/** Also the most that is kept of what it writes: an answer is three lines. */
const maxOutputBytes = 4_096;
/** The longest that all kinds of ping take. Before that the attempt's signal ends it. */
const longestWaitSeconds = 2_000;

export function pingArguments(terms: EchoTerms, dialect: Dialect): readonly string[] {
  const { address, payloadBytes, ttl, dontFragment, sourceAddress, waitSeconds = longestWaitSeconds } = terms;
  return [
    ...(dialect === 'iputils' ? ['-n'] : []),
    ...['-c', '1', '-W', String(waitSeconds), '-s', String(payloadBytes), '-t', String(ttl)],
    ...(dontFragment ? ['-M', 'do'] : []),
    ...(sourceAddress === undefined ? [] : ['-I', sourceAddress]),
    address,
  ];
}

/**
 * Resolves when the process has ended, which it does at once when the signal aborts. `path`: where programs are looked
 * for; nothing else of our environment is handed on, and its words are English.
 */
export function ping(
  terms: EchoTerms,
  how: { readonly dialect: Dialect; readonly path: string },
  signal: Ending,
): Promise<Pinged> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(cutShort);
    const output = { stdout: '', stderr: '' };
    let child: ChildProcess;
    try {
      const env = { PATH: how.path, LC_ALL: 'C' };
      child = spawn('ping', [...pingArguments(terms, how.dialect)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      // No process can be made: no memory, no file descriptors.
      return resolve({ said: 'trouble', words: String(error).slice(0, maxReasonLength) });
    }
    function stop(): void {
      child.kill('SIGKILL');
      // Whoever else holds the other ends does not keep us waiting.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    function settle(pinged: Pinged): void {
      signal.removeEventListener('abort', stop);
      resolve(signal.aborted ? cutShort : pinged);
    }
    signal.addEventListener('abort', stop, { once: true });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('latin1').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(0, maxOutputBytes);
      });
    }
    child.once('error', (error) => settle({ said: 'trouble', words: `ping: ${codeOf(error)}` }));
    child.once('close', (code) => settle(readPing(output.stdout, output.stderr, code)));
  });
}

const cutShort: Pinged = { said: 'cut short', words: 'ping was ended' };

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'is not installed' : (code ?? error.message);
}

/** `code`: its exit code, `null` where a signal ended it. */
export function readPing(stdout: string, stderr: string, code: number | null): Pinged {
  const answer = /^\d+ bytes from .*$/m.exec(stdout)?.[0];
  if (answer !== undefined) {
    const rtt = /\btime=(\d+(?:\.\d+)?) ?ms/.exec(answer)?.[1];
    const hops = /\b(?:ttl|hlim)=(\d{1,3})\b/.exec(answer)?.[1];
    return {
      said: 'answer',
      rttMs: rtt === undefined ? null : Number(rtt),
      hopLimit: hops === undefined ? null : Number(hops),
    };
  }
  const [, from, notice] = /^From (\S+?):? (?:icmp_)?seq=\d+ (.+)$/m.exec(stdout) ?? [];
  if (notice !== undefined) {
    const words = `${from}: ${notice}`.slice(0, maxReasonLength);
    return { said: /exceeded/i.test(notice) ? 'expired' : 'unreachable', words };
  }
  const words = firstLine(stderr) ?? (code === null ? 'ping was ended by somebody' : `ping ended with ${code}`);
  if (/unreachable|message too long/i.test(words)) return { said: 'unreachable', words };
  return code === 1 && stderr.trim() === '' ? { said: 'nothing', words } : { said: 'trouble', words };
}

function firstLine(text: string): string | undefined {
  const line = text.split('\n').find((some) => some.trim() !== '');
  return line?.trim().slice(0, maxReasonLength);
}
