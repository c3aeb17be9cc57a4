/** What an agent answers itself: its health and its own metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from '@prometheus-io/client';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import { Mistakes } from '../contract/mistake.ts';
import type { MachineState } from './machine.ts';
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
  /** Of the rounds that are due, the share that begins. */
  readonly admittedShare: number;
  /** Before there is any work it is not watched. */
  readonly machine: MachineState | undefined;
  /** Before the first exchange with an aggregator nothing is known. */
  readonly clockOffset: { readonly offsetMs: number; readonly errorMs: number; readonly ageMs: number } | undefined;
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

const secondsPerMs = 1 / 1_000;
const inSeconds = (ms: number | undefined): number => (ms ?? Number.NaN) * secondsPerMs;

/** How far what it measures is to be trusted. */
const qualityMetrics: readonly OwnMetric[] = [
  {
    name: 'blackstart_agent_admitted_ratio',
    help: 'Of the rounds that are due, the share that begins; less than 1 where the machine does not keep up.',
    read: (s) => s.admittedShare,
  },
  {
    name: 'blackstart_agent_loop_delay_seconds',
    help: 'The longest that the event loop was late in the last 10 to 20 seconds.',
    read: ({ machine }) => inSeconds(machine?.loopDelayMs),
  },
  {
    name: 'blackstart_agent_cpu_ratio',
    help: 'Of one processor, what the agent used in the last 10 to 20 seconds.',
    read: ({ machine }) => machine?.processorRatio ?? Number.NaN,
  },
  {
    name: 'blackstart_agent_unscheduled_seconds',
    help: 'Time since the start that the agent was late for while the machine was busy with others.',
    read: ({ machine }) => inSeconds(machine?.unscheduledMs),
  },
  {
    name: 'blackstart_agent_wall_drift_seconds',
    help: 'By how much the wall clock has departed from the monotonic one since the start.',
    read: ({ machine }) => inSeconds(machine?.wallDriftMs),
  },
  {
    name: 'blackstart_agent_uplink_clock_offset_seconds',
    help: "The aggregator's clock minus this agent's; NaN before the first exchange.",
    read: ({ clockOffset }) => inSeconds(clockOffset?.offsetMs),
  },
  {
    name: 'blackstart_agent_uplink_clock_error_seconds',
    help: 'How far off that may have been when it was measured.',
    read: ({ clockOffset }) => inSeconds(clockOffset?.errorMs),
  },
  {
    name: 'blackstart_agent_uplink_clock_age_seconds',
    help: 'How long ago it was measured.',
    read: ({ clockOffset }) => inSeconds(clockOffset?.ageMs),
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
  const spans = state().spans === undefined ? [] : spanMetrics;
  for (const { name, help, read } of [...ownMetrics, ...qualityMetrics, ...spans]) {
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
