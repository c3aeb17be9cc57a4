/** `agent --modules`: what blackbox_exporter's own options say, and its life without an aggregator. */
import type { ModuleOptions } from '../probes/blackbox/start.ts';
import { reloads } from '../probes/reloaded.ts';
import { announce, never, onHangup, untilEnd } from './daemon.ts';
import type { Io } from './io.ts';
import type { Reader } from './options.ts';
import { proxies } from './proxies.ts';
import { renewedCa } from './renewed.ts';
import { tuneV8 } from './v8.ts';
import { version } from './version.ts';

/** As commander names them. */
export type ModuleFlags = {
  readonly modules?: string;
  readonly timeoutOffset: string;
  readonly historyLimit: string;
  readonly probeLog: string;
  readonly ca?: string;
  readonly resolver?: string;
  readonly sourceAddress?: string;
  readonly allowTarget?: readonly string[];
  readonly listen: string;
};

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** `undefined` where there is no file of modules. */
export function moduleOptions(flags: ModuleFlags, reader: Reader, env: Io['env']): ModuleOptions | undefined {
  const { modules: file, timeoutOffset } = flags;
  if (file === undefined) return undefined;
  const timeoutOffsetSeconds = /^\d+(?:\.\d+)?$/.test(timeoutOffset) ? Number(timeoutOffset) : Number.NaN;
  if (Number.isNaN(timeoutOffsetSeconds)) {
    reader.mistake({ place: '--timeout-offset', got: JSON.stringify(timeoutOffset), want: 'seconds, such as 0.5' });
  }
  return {
    file,
    timeoutOffsetSeconds,
    historyLimit: reader.whole('--history-limit', flags.historyLimit, { from: 0, to: 100_000 }),
    logLevel: reader.oneOf('--probe-log', flags.probeLog, levels),
    version,
    ownResolver: flags.resolver !== undefined,
    environmentProxy: proxies(reader, { env }),
  };
}

/** Until it is told to stop. */
export async function runModules(modules: ModuleOptions, flags: ModuleFlags, reader: Reader, io: Io): Promise<void> {
  const files = reloads(io);
  const settings = {
    ...modules,
    ca: renewedCa(reader, '--ca', flags.ca, { clock: io.clock, log: io.log, reloads: files }),
    resolver: reader.address('--resolver', flags.resolver, 53),
    sourceAddress: flags.sourceAddress ?? null,
    allowTargets: flags.allowTarget ?? [],
    listen: reader.address('--listen', flags.listen) ?? { host: '127.0.0.1', port: 0 },
  };
  reader.check();
  tuneV8();
  const { serveModules } = await import('../probes/blackbox/start.ts');
  const server = await serveModules(settings, { clock: io.clock, log: io.log, reloads: files });
  files.begin();
  const stopListening = onHangup(() => void files.reload());
  announce(io, server.url);
  try {
    await untilEnd(io.signal, never);
  } finally {
    stopListening();
    files.stop();
    await server.stop();
  }
}
