/** A file of modules, and what answers probes by it: beside an agent, or all by itself. */
import { arch, platform } from 'node:os';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { type Environment, type EnvironmentOptions, environment } from '../environment.ts';
import { listenAt } from '../listener.ts';
import type { Reloads } from '../reloaded.ts';
import { engines } from './all-engines.ts';
import { parseModules, showModule } from './config/parse.ts';
import { type Exporter, newExporter } from './exporter.ts';
import type { LogLevel } from './log.ts';
import { resolverLookup, systemLookup } from './lookup.ts';
import { openModules } from './modules.ts';
import type { EnvironmentProxy } from './series/http-proxy.ts';

export type ModuleOptions = {
  /** In blackbox_exporter's language. */
  readonly file: string;
  /** Taken off what Prometheus says that it will wait. */
  readonly timeoutOffsetSeconds: number;
  readonly historyLimit: number;
  /** Of the lines that `debug=true` and `/logs` show. */
  readonly logLevel: LogLevel;
  readonly version: string;
  /** Whether names are asked of the agent's own resolver; else the machine's own ways are gone, its hosts file with them. */
  readonly ownResolver: boolean;
  /** For modules that say `proxy_from_environment`; absent: there is none. */
  readonly environmentProxy?: EnvironmentProxy;
};

export type ExporterDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Who looks at the file without being asked. */
  readonly reloads?: Pick<Reloads, 'add'> | undefined;
};

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Throws `Mistakes` when the file cannot be loaded. */
export function startExporter(options: ModuleOptions, probing: Environment, deps: ExporterDeps): Exporter {
  const modules = openModules(options.file, parseModules, deps);
  if ('mistake' in modules) {
    throw new Mistakes([
      { place: '--modules', got: `${options.file}: ${modules.mistake}`, want: 'modules of blackbox_exporter' },
    ]);
  }
  deps.reloads?.add(modules);
  const context = { ...probing, clock: deps.clock, regionOf: () => null };
  const lookup = options.ownResolver ? resolverLookup(probing.resolver) : systemLookup;
  return newExporter(
    { ...options, platform: { os: platform(), architecture: architectures[arch()] ?? arch() } },
    {
      ...deps,
      modules,
      context,
      lookup,
      engines,
      showModule,
      environmentProxy: options.environmentProxy ?? (() => null),
    },
  );
}

export type ModuleServer = {
  readonly url: string;
  stop(): Promise<void>;
};

/** Without an aggregator: nothing but what it is asked to probe. Throws `Mistakes`. */
export async function serveModules(
  options: ModuleOptions & EnvironmentOptions & { readonly listen: HostPort },
  deps: ExporterDeps,
): Promise<ModuleServer> {
  const exporter = startExporter(options, await environment(options, deps), deps);
  try {
    const listener = await listenAt(options.listen, null, exporter.handle);
    return {
      url: listener.url,
      async stop() {
        exporter.stop();
        await listener.stop();
      },
    };
  } catch (error) {
    exporter.stop();
    throw error;
  }
}
