/** What an agent answers itself: its health and its own metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from '@prometheus-io/client';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import { Mistakes } from '../contract/mistake.ts';
import type { ReloadState } from './reloaded.ts';

export type AgentState = {
  readonly connected: boolean;
  readonly hasAssignment: boolean;
  readonly running: number;
  readonly spoolBytes: number;
  readonly droppedCount: number;
  readonly lostCount: number;
  readonly lastSeq: number;
  /** Files that are read again while it runs. */
  readonly files?: readonly ReloadState[] | undefined;
  /** Of OpenTelemetry, where attempts are traced. */
  readonly spans?: { readonly sent: number; readonly lost: number } | undefined;
};

export type Listener = { readonly url: string; stop(): Promise<void> };

type OwnMetric = { readonly name: string; readonly help: string; readonly read: (state: AgentState) => number };

const ownMetrics: readonly OwnMetric[] = [
  {
    name: 'blackstart_agent_connected',
    help: 'Whether the aggregator has welcomed this agent.',
    read: (s) => +s.connected,
  },
  { name: 'blackstart_agent_attempts_running', help: 'Attempts that run now.', read: (s) => s.running },
  { name: 'blackstart_agent_results', help: 'Results numbered since the start.', read: (s) => s.lastSeq },
  { name: 'blackstart_agent_spool_bytes', help: 'Bytes that wait to be acknowledged.', read: (s) => s.spoolBytes },
  {
    name: 'blackstart_agent_spool_dropped_results',
    help: 'Results that the spool dropped at its bound since the start; gap records name them.',
    read: (s) => s.droppedCount,
  },
  {
    name: 'blackstart_agent_lost_results',
    help: 'Results since the start that neither disk nor memory had room for.',
    read: (s) => s.lostCount,
  },
];

const spanMetrics: readonly OwnMetric[] = [
  {
    name: 'blackstart_agent_spans_sent',
    help: 'Spans since the start that the receiver took.',
    read: ({ spans }) => spans?.sent ?? 0,
  },
  {
    name: 'blackstart_agent_spans_lost',
    help: 'Spans since the start that the receiver did not take, or that found no room while it was slow.',
    read: ({ spans }) => spans?.lost ?? 0,
  },
];

type FileMetric = { readonly name: string; readonly help: string; readonly read: (file: ReloadState) => number };

const secondsPerMs = 1 / 1_000;

const fileMetrics: readonly FileMetric[] = [
  {
    name: 'blackstart_agent_config_last_reload_successful',
    help: 'Whether the file could be used when it was last read; where not, what was read before goes on.',
    read: ({ ok }) => +ok,
  },
  {
    name: 'blackstart_agent_config_last_reload_success_timestamp_seconds',
    help: 'When the file was last read and could be used.',
    read: ({ usedAtMs }) => usedAtMs * secondsPerMs,
  },
];

/** Answers all but `/-/ready`; `metrics` are the process's and the agent's, in text. Never rejects. */
export type Beside = (
  request: IncomingMessage,
  response: ServerResponse,
  metrics: () => Promise<string>,
) => Promise<void>;

/** `state`: `null` where there is no agent but what is beside it. Throws `Mistakes` when the address cannot be listened on. */
export async function listenAt(
  at: HostPort,
  state: (() => AgentState) | null,
  beside: Beside | null = null,
): Promise<Listener> {
  const registry = await metricsOf(state);
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (beside !== null && path !== '/-/ready') void beside(request, response, () => registry.metrics());
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      answer(response, 405, 'only GET is answered here\n');
    else if (path === '/-/healthy') answer(response, 200, 'healthy\n');
    else if (path === '/-/ready') answerReady(response, state === null || state().hasAssignment);
    else if (path === '/metrics') {
      registry.metrics().then(
        (text) => answer(response, 200, text, registry.contentType),
        (error: unknown) => answer(response, 500, `${String(error)}\n`),
      );
    } else answer(response, 404, 'here are /metrics, /-/healthy and /-/ready\n');
  });
  await listening(server, at);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${formatHostPort({ host: at.host, port })}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The library is loaded only here: an agent that does not listen does without it. */
async function metricsOf(state: (() => AgentState) | null): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('@prometheus-io/client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  if (state === null) return registry;
  for (const { name, help, read } of state().spans === undefined ? ownMetrics : [...ownMetrics, ...spanMetrics]) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(state()));
      },
    });
  }
  for (const { name, help, read } of state().files === undefined ? [] : fileMetrics) {
    new Gauge({
      name,
      help,
      labelNames: ['file'],
      registers: [registry],
      collect() {
        for (const file of state().files ?? []) this.set({ file: file.file }, read(file));
      },
    });
  }
  return registry;
}

function answerReady(response: ServerResponse, isReady: boolean): void {
  if (isReady) answer(response, 200, 'ready\n');
  else answer(response, 503, 'not ready: no assignment yet\n');
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}

function listening(server: Server, at: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const got = `${formatHostPort(at)}, ${error.code === 'EADDRINUSE' ? 'which is in use' : error.message}`;
      reject(new Mistakes([{ place: '--listen', got, want: 'an address of this machine with a free port' }]));
    });
    server.listen(at.port, at.host, () => resolve());
  });
}
