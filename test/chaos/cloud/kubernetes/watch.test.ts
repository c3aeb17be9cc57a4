import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cluster } from '../../../../chaos/cloud/kubernetes/cluster.ts';
import { transport } from '../../../../chaos/cloud/kubernetes/transport.ts';
import type { EndpointsSeen } from '../../../../chaos/cluster.ts';
import { sentenceOf } from '../../../../chaos/trouble.ts';
import { systemClock } from '../../../../contract/clock.ts';
import { json, scriptedServer } from './scripted-server.ts';

const clock = systemClock();
const workload = { kind: 'deployment', name: 'web' } as const;
/** Longer than a test: what is seen between lists is seen by a watch. */
const never = 600_000;

function slice(version: number, ready: number, name = 'web-1'): object {
  return {
    metadata: { name, resourceVersion: String(version), labels: { 'kubernetes.io/service-name': 'web' } },
    endpoints: Array.from({ length: ready }, (_, pod) => ({
      addresses: [`10.0.0.${pod}`],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: `web-abc-${name.at(-1)}${pod}` },
    })),
  };
}

const changed = (version: number, ready: number, name?: string): string =>
  `${JSON.stringify({ type: 'MODIFIED', object: slice(version, ready, name) })}\n`;
const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };

type Script = {
  /** The answers to lists, one after the other; the last again and again. */
  readonly lists: readonly ((response: ServerResponse) => void)[];
  readonly watches: readonly ((response: ServerResponse) => void)[];
  readonly everyMs?: number;
};

function listed(version: number, ...slices: readonly object[]): (response: ServerResponse) => void {
  return (response) => json(response, 200, { metadata: { resourceVersion: String(version) }, items: slices });
}

async function watching({ lists, watches, everyMs = never }: Script) {
  let made = { list: 0, watch: 0 };
  const server = await scriptedServer((response, { url }) => {
    const isWatch = url?.includes('watch=true') === true;
    const script = isWatch ? watches : lists;
    const at = isWatch ? made.watch : made.list;
    made = isWatch ? { ...made, watch: at + 1 } : { ...made, list: at + 1 };
    script[Math.min(at, script.length - 1)]?.(response);
  });
  const api = transport(server.config, clock);
  const stop = new AbortController();
  const seen: EndpointsSeen[] = [];
  const failures: string[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const place = { context: 'us-east-1', namespace: 'default' };
  const how = {
    everyMs,
    onSeen: (one: EndpointsSeen) => {
      seen.push(one);
      tell();
    },
    onFailure: (error: unknown) => {
      failures.push(sentenceOf(error));
      tell();
    },
  };
  cluster(place, api, clock).watchEndpoints([workload], how, stop.signal);
  onTestFinished(() => {
    stop.abort(new Error('over'));
    api.close();
  });
  /** Resolves as soon as it holds. */
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  return { seen, failures, until, asked: server.asked, counts: () => seen.map(({ ready }) => ready) };
}

function streams(...lines: readonly string[]): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200);
    for (const line of lines) response.write(line);
  };
}

describe('endpoints that are watched', () => {
  test('are told of as they change, each with the list before which it was not so', async () => {
    const { seen, until, counts, asked } = await watching({
      lists: [listed(10, slice(9, 3))],
      watches: [streams(changed(11, 2), changed(12, 0))],
    });
    await until(() => seen.length === 3);
    expect(counts()).toEqual([3, 2, 0]);
    expect(new Set(seen.map(({ sentMs }) => sentMs)).size).toBe(1);
    expect(seen.every(({ sentMs, receivedMs }) => sentMs <= receivedMs)).toBe(true);
    expect(asked[1]).toContain('resourceVersion=10');
  });

  test('are summed over slices, and only news is told', async () => {
    const { until, counts } = await watching({
      lists: [listed(10, slice(8, 3), slice(9, 2, 'web-2'))],
      watches: [
        streams(
          changed(10, 0),
          changed(11, 3),
          `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } })}\n`,
          changed(13, 1, 'web-2'),
          `${JSON.stringify({ type: 'DELETED', object: slice(14, 1, 'web-2') })}\n`,
        ),
      ],
    });
    await until(() => counts().at(-1) === 3);
    expect(counts()).toEqual([5, 4, 3]);
  });

  test('are listed anew when the server has forgotten the version, whichever way it says so', async () => {
    for (const forgotten of [
      streams(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`),
      (response: ServerResponse) => json(response, 410, gone),
    ]) {
      const [first, later] = [listed(10, slice(9, 3)), listed(50, slice(49, 3))];
      let isForgotten = false;
      const { until, counts, failures, asked } = await watching({
        everyMs: 20,
        lists: [(response) => (isForgotten ? later : first)(response)],
        watches: [
          (response) => {
            isForgotten = true;
            forgotten(response);
            response.end();
          },
          streams(changed(51, 0)),
        ],
      });
      await until(() => counts().includes(0));
      expect(failures).toEqual([]);
      expect(asked.filter((path) => path.includes('watch=true')).map((path) => /\d+$/.exec(path)?.[0])).toEqual([
        '10',
        '50',
      ]);
    }
  });

  test('are watched again from where it was when the server ends the watch', async () => {
    const { until, counts, failures, asked } = await watching({
      lists: [listed(10, slice(9, 3))],
      watches: [
        (response) => {
          streams(changed(11, 2))(response);
          response.end();
        },
        streams(changed(12, 0)),
      ],
    });
    await until(() => counts().includes(0));
    expect([counts(), failures]).toEqual([[3, 2, 0], []]);
    expect(asked.at(-1)).toContain('resourceVersion=11');
    expect(asked.filter((path) => !path.includes('watch'))).toHaveLength(1);
  });

  test('are listed at their pace while nobody may watch them', async () => {
    const { until, counts, failures } = await watching({
      everyMs: 5,
      lists: [listed(10, slice(9, 3)), listed(11, slice(11, 1)), listed(12, slice(12, 0))],
      watches: [(response) => json(response, 403, { kind: 'Status', code: 403, message: 'cannot watch' })],
    });
    await until(() => counts().includes(0) && failures.length > 0);
    expect(counts().slice(0, 3)).toEqual([3, 1, 0]);
    expect(failures[0]).toContain('a watch on EndpointSlices in us-east-1/default: not permitted (403: cannot watch)');
  });

  test('are seen by a watch while lists fail', async () => {
    const { until, counts, failures } = await watching({
      everyMs: 5,
      lists: [listed(10, slice(9, 3)), (response) => json(response, 503, { message: 'later' })],
      watches: [
        (response) => {
          response.writeHead(200).flushHeaders();
          setTimeout(() => response.write(changed(11, 0)), 30);
        },
      ],
    });
    await until(() => counts().includes(0));
    expect(failures[0]).toContain('the cluster answered 503: later');
  });

  test('come back when the connection is cut, by the next list', async () => {
    const { until, counts, failures } = await watching({
      everyMs: 20,
      lists: [listed(10, slice(9, 3)), listed(12, slice(12, 1))],
      watches: [
        (response) => {
          response.writeHead(200).write(changed(11, 2), () => response.socket?.resetAndDestroy());
        },
        streams(changed(13, 0)),
      ],
    });
    await until(() => counts().includes(0));
    expect(failures.some((text) => text.includes('cannot be reached'))).toBe(true);
  });
});
