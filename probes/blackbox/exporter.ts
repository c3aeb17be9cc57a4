/** blackbox_exporter's interface over HTTP: its routes, its words, its status codes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { type Ending, ending } from '../ending.ts';
import { Stopping } from '../prober.ts';
import type { Reloaded } from '../reloaded.ts';
import { answer, answerPacked, refuse } from './answers.ts';
import { type History, newHistory, type Past } from './history.ts';
import { exposition, textFormat } from './metrics.ts';
import type { Loaded } from './modules.ts';
import { newOwnCounts, ownFamilies } from './own-metrics.ts';
import { page } from './page.ts';
import { type ProbeParts, type ProbeSettings, probeTarget } from './probe.ts';
import { parseQuery } from './target.ts';

export type ExporterSettings = ProbeSettings & {
  readonly version: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  /** How many probes are remembered. */
  readonly historyLimit: number;
};

export type ExporterDeps = Omit<ProbeParts, 'history'> & {
  /** Read again on demand and when the file changes; a bad one keeps what was. */
  readonly modules: Reloaded<Loaded>;
  readonly clock: Clock;
  readonly log: Log;
};

export type Exporter = {
  /** Answers every request; resolves when that is done. `metrics` are shown at `/metrics` beside its own. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse, metrics: () => Promise<string>): Promise<void>;
  /** Cuts short what runs. */
  stop(): void;
};

type Parts = { readonly settings: ExporterSettings; readonly deps: ExporterDeps; readonly history: History };
type Asking = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: ReadonlyMap<string, string>;
  readonly metrics: () => Promise<string>;
};
type Route = (asking: Asking) => Promise<void>;

export function newExporter(settings: ExporterSettings, deps: ExporterDeps): Exporter {
  const { modules, log } = deps;
  const history = newHistory(settings.historyLimit);
  const counts = newOwnCounts();
  const stopping = ending();
  const parts: Parts = { settings, deps, history };

  const routes: Readonly<Record<string, Route>> = {
    async '/probe'(asking) {
      const probed = await probeRoute(parts, asking, stopping);
      if (probed === 'unknown-module') counts.unknownModules += 1;
    },
    async '/metrics'({ request, response, metrics }) {
      counts.scrapesNow += 1;
      try {
        const own = ownFamilies({ ...settings, reload: modules.state, counts });
        await answerPacked(request, response, textFormat, `${exposition(own)}${await metrics()}`);
        counts.scrapes[200] += 1;
      } catch (error) {
        counts.scrapes[500] += 1;
        throw error;
      } finally {
        counts.scrapesNow -= 1;
      }
    },
    async '/config'({ response }) {
      answer(response, 200, 'text/plain', modules.value().shown);
    },
    async '/logs'({ response, query }) {
      const found = remembered(history, query);
      if ('mistake' in found) refuse(response, found.status, found.mistake);
      else answer(response, 200, 'text/plain', found.debug());
    },
    async '/-/healthy'({ response }) {
      answer(response, 200, 'text/plain; charset=utf-8', 'Healthy');
    },
    async '/-/reload'({ request, response }) {
      if (request.method !== 'POST') {
        answer(response, 405, 'text/plain; charset=utf-8', 'This endpoint requires a POST request.\n');
        return;
      }
      const { why } = modules.reload();
      if (why === null) response.writeHead(200, { 'Content-Length': 0 }).end();
      else refuse(response, 500, `failed to reload config: ${why}`);
    },
  };

  return {
    async handle(request, response, metrics) {
      const [path = '/', ...rest] = (request.url ?? '/').split('?');
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
      try {
        if (route === undefined) answer(response, 200, 'text/html', page(history.list()));
        else await route({ request, response, query: parseQuery(rest.join('?')), metrics });
      } catch (error) {
        log.error({ path, error: String(error) }, 'a request was not answered');
        if (!response.headersSent) refuse(response, 500, 'this agent has a fault, which its log names');
        else response.destroy();
      }
    },
    stop() {
      stopping.end(new Stopping());
    },
  };
}

async function probeRoute(
  { settings, deps, history }: Parts,
  { request, response, query }: Asking,
  stopping: Ending,
): Promise<'answered' | 'unknown-module'> {
  const over = ending();
  const stop = (): void => over.end(stopping.reason as Error);
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop);
  response.once('close', () => {
    stopping.removeEventListener('abort', stop);
    over.end(new Error('nobody waits for the answer'));
  });
  const probed = await probeTarget(
    {
      module: query.get('module') ?? '',
      target: query.get('target') ?? '',
      hostname: query.get('hostname') ?? '',
      scrapeTimeout: request.headers['x-prometheus-scrape-timeout-seconds']?.toString(),
      ending: over,
    },
    deps.modules.value().modules,
    settings,
    { ...deps, history },
  );
  if (!probed.ok) {
    refuse(response, probed.status, probed.mistake);
    return probed.unknownModule === true ? 'unknown-module' : 'answered';
  }
  if (query.get('debug') === 'true') answer(response, 200, 'text/plain', probed.debug());
  else await answerPacked(request, response, textFormat, exposition(probed.families));
  return 'answered';
}

/** What is remembered of a probe, or why there is nothing to show. */
function remembered(
  history: History,
  query: ReadonlyMap<string, string>,
): Past | { readonly status: number; readonly mistake: string } {
  const idText = query.get('id') ?? '';
  const id = /^[+-]?\d+$/.test(idText) ? Number(idText) : undefined;
  const target = query.get('target') ?? '';
  const module = query.get('module') ?? '';
  const refused = (status: number, mistake: string): { status: number; mistake: string } => ({ status, mistake });
  if (id !== undefined && target !== '') {
    return refused(400, "Probe id and target can't be defined at the same time");
  }
  if ((id === undefined || id === -1) && target === '') {
    return refused(400, 'Probe id or target must be defined as http query parameters');
  }
  if (target === '' && module !== '') {
    return refused(400, 'Probe module filter only works in conjunction with target parameter');
  }
  return target === ''
    ? (history.byId(id ?? -1) ?? refused(404, 'Probe id not found'))
    : (history.byTarget(target, module) ?? refused(404, 'Probe target not found'));
}
