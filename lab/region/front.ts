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
  /** What is answered when no pod is ready; `null` for no answer at all. */
  readonly darkStatus: () => number | null;
  readonly readyPods: () => readonly Pod[];
  /** How long the pod of that name takes this time. */
  readonly serviceMs: (podName: string) => number;
  readonly service: Service;
  readonly platform: Platform;
  /** Status codes that are planted on the platform's paths. */
  readonly pathStatus: ReadonlyMap<string, number>;
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

/** Not the service's traffic: health checkers and those who read what the platform says. */
const uncounted: ReadonlySet<string> = new Set(['/health', '/metrics', '/inventory', '/residency-log']);

/**
 * What stands between the door and the pods. A request takes half a round trip to arrive, then goes to the next ready
 * pod, which finishes it whatever becomes of the pod meanwhile; its answer takes the other half.
 */
export function front(options: FrontOptions, { clock, timers, log }: Deps): Front {
  let turns = 0;

  function byPods(request: ServiceRequest, body: string | null): Turn | undefined {
    const pods = options.readyPods();
    const pod = pods[turns % Math.max(1, pods.length)];
    turns += 1;
    if (pod !== undefined) {
      const answer = options.service(request, body, pod.name);
      return { answer, takesMs: options.serviceMs(pod.name), byPod: true };
    }
    const status = options.darkStatus();
    return status === null
      ? undefined
      : { answer: json(status, { error: 'no pod is ready' }), takesMs: 0, byPod: false };
  }

  async function byPlatform(page: Promise<Answer>, path: string): Promise<Turn> {
    const planted = options.pathStatus.get(path);
    const answer = planted === undefined ? await page : json(planted, { status: planted });
    return { answer, takesMs: 0, byPod: false };
  }

  return (message, response, connection) => {
    const request = parseRequest(message);
    const halfTripMs = connection.roundTripMs / 2;
    const settle = countedOnce(options.metrics, request);
    response.once('close', () => settle(null));

    const send = (arrivedAtMs: number, { answer, takesMs, byPod }: Turn): void =>
      timers.at(arrivedAtMs + takesMs + halfTripMs, () => {
        if (response.destroyed) return;
        const { status } = answer;
        settle(status);
        response.writeHead(status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
        response.end(answer.body);
        const atMs = clock.nowMs();
        const { source, entry, path } = request;
        connection.answered({ atMs, path, status, byPod });
        options.onAnswer({
          atMs,
          region: options.region,
          source,
          entry,
          path,
          status,
          byPod,
          connection: connection.id,
        });
      });

    readBody(message, (body) => {
      const arrivesAtMs = clock.nowMs() + halfTripMs;
      timers.at(arrivesAtMs, () => {
        const page = options.platform(request.path);
        if (page === undefined) {
          const turn = byPods(request, body);
          if (turn !== undefined) send(arrivesAtMs, turn);
          return;
        }
        byPlatform(page, request.path).then(
          (turn) => send(arrivesAtMs, turn),
          (error: unknown) => {
            log.error({ region: options.region, path: request.path, error: messageOf(error) }, 'the platform failed');
            response.destroy();
          },
        );
      });
    });
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
