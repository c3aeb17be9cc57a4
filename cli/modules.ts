/** `agent --modules`: what blackbox_exporter's own options say, and its life without an aggregator. */
import type { ModuleOptions } from '../probes/blackbox/start.ts';
import type { EnvironmentOptions } from '../probes/environment.ts';
import { announce, never, untilEnd } from './daemon.ts';
import type { Io } from './io.ts';
import type { Reader } from './options.ts';
import { version } from './version.ts';

/** As commander names them. */
export type ModuleFlags = {
  readonly modules?: string;
  readonly timeoutOffset: string;
  readonly historyLimit: string;
  readonly probeLog: string;
  readonly resolver?: string;
};

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** `undefined` where there is no file of modules. */
export function moduleOptions(flags: ModuleFlags, reader: Reader): ModuleOptions | undefined {
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
  };
}

/** Until it is told to stop. */
export async function runModules(
  options: ModuleOptions & EnvironmentOptions & { readonly listen: { readonly host: string; readonly port: number } },
  io: Io,
): Promise<void> {
  const { serveModules } = await import('../probes/blackbox/start.ts');
  const server = await serveModules(options, io);
  const forget = onHangUp(server.reload);
  announce(io, server.url);
  try {
    await untilEnd(io.signal, never);
  } finally {
    forget();
    await server.stop();
  }
}

/** SIGHUP: files are to be read again. Returns how to stop listening. */
export function onHangUp(reload: () => Promise<void>): () => void {
  const hear = (): void => void reload();
  process.on('SIGHUP', hear);
  return () => {
    process.off('SIGHUP', hear);
  };
}
