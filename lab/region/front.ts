import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Pod } from '../pods.ts';
import type { Connection } from './connections.ts';
import type { RegionMetrics } from './metrics.ts';
import type { Platform } from './platform.ts';
import { parseRequest, readBody, type ServiceRequest } from './request.ts';
import { type Answer, json, type Service } from './service.ts';
import type { Timers } from './timers.ts';

export type FrontOptions = {
  readonly region: string;
  /** Milliseconds that each answer is held up at the door; `null`: none gets out. */
  readonly heldUpMs: () => number | null;
  /** What the health check's path is answered at the door; `null`: the pods answer. */
  readonly healthStatus: () => number | null;
  /** What is answered when no pod is ready; `null` for no answer at all. */
  readonly darkStatus: () => number | null;
  readonly readyPods: () => readonly Pod[];
  /** How long the pod of that name takes this time. */
  readonly serviceMs: (podName: string) => number;
  readonly service: Service;
  readonly platform: Platform;
  readonly metrics: RegionMetrics;
  readonly onAnswer: (answer: Answered) => void;
};

/** An answer that left the door. */
export type Answered = {
  readonly atMs: number;
  readonly region: string;
  readonly source: string;
  readonly entry: string;
  readonly path: string;
  readonly status: number;
  readonly byPod: boolean;
  /** The id in `connections()`. */
  readonly connection: number;
};

export type Front = (message: IncomingMessage, response: ServerResponse, connection: Connection) => void;

type Deps = { readonly clock: Clock; readonly timers: Timers; readonly log: Log };
type Turn = { readonly answer: Answer; readonly takesMs: number; readonly byPod: boolean };

const healthPath = '/health';
/** Not the service's traffic: health checkers and those who read what the platform says. */
const uncounted: ReadonlySet<string> = new Set([healthPath, '/metrics', '/peers', '/inventory', '/residency-log']);

/**
 * What stands between the door and the pods. A request takes half a round trip to arrive, then goes to the next ready
 * pod, which finishes it whatever becomes of the pod meanwhile; its answer takes the other half.
 */
export function front(options: FrontOptions, { clock, timers, log }: Deps): Front {
  const turnOf = turns(options);
  return (message, response, connection) => {
    const request = parseRequest(message);
    const halfTripMs = connection.roundTripMs / 2;
    const settle = countedOnce(options.metrics, request);
    response.once('close', () => settle(null));

    const send = ({ answer, byPod }: Turn): void => {
      if (response.destroyed) return;
      const { status } = answer;
      settle(status);
      response.writeHead(status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
      response.end(answer.body);
      const { path, entry, source } = request;
      const sent = { atMs: clock.nowMs(), path, status, byPod };
      connection.answered(sent);
      options.onAnswer({ ...sent, region: options.region, source, entry, connection: connection.id });
    };

    readBody(message, (body) => {
      const arrivesAtMs = clock.nowMs() + halfTripMs;
      timers.at(arrivesAtMs, () => {
        const turn = turnOf(request, body);
        const heldUpMs = options.heldUpMs();
        if (turn === undefined || heldUpMs === null) return;
        const backMs = halfTripMs + heldUpMs;
        if (!(turn instanceof Promise)) return timers.at(arrivesAtMs + turn.takesMs + backMs, () => send(turn));
        turn.then(
          (page) => timers.at(arrivesAtMs + backMs, () => send(page)),
          (error: unknown) => {
            log.error({ region: options.region, path: request.path, error: messageOf(error) }, 'the platform failed');
            response.destroy();
          },
        );
      });
    });
  };
}

/** Whose turn it is: the platform's, the next ready pod's, or the door's own; `undefined` for nobody's. */
function turns(
  options: FrontOptions,
): (request: ServiceRequest, body: string | null) => Turn | Promise<Turn> | undefined {
  let taken = 0;
  return (request, body) => {
    const healthStatus = request.path === healthPath ? options.healthStatus() : null;
    if (healthStatus !== null) {
      return { answer: json(healthStatus, { error: 'the health check is told so' }), takesMs: 0, byPod: false };
    }
    const page = options.platform(request.path);
    if (page !== undefined) return page.then((answer) => ({ answer, takesMs: 0, byPod: false }));
    const pods = options.readyPods();
    const pod = pods[taken % Math.max(1, pods.length)];
    taken += 1;
    if (pod !== undefined) {
      const answer = options.service(request, body, pod.name);
      return { answer, takesMs: options.serviceMs(pod.name), byPod: true };
    }
    const status = options.darkStatus();
    if (status === null) return undefined;
    return { answer: json(status, { error: 'no pod is ready' }), takesMs: 0, byPod: false };
  };
}

/** Counts the request as begun now and, with the first call, as answered with that code or (`null`) as abandoned. */
function countedOnce(metrics: RegionMetrics, request: ServiceRequest): (code: number | null) => void {
  if (uncounted.has(request.path)) return () => undefined;
  metrics.began();
  let settled = false;
  return (code) => {
    if (settled) return;
    settled = true;
    if (code === null) metrics.abandoned();
    else metrics.answered({ code, entry: request.entry, country: request.country, client: request.client });
  };
}
