/** An engine that knows a few series and answers as Prometheus's API does; it understands only what we ask. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Known = {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order of time. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
};
export type PromqlEngine = {
  readonly url: string;
  readonly asked: readonly URL[];
  readonly tokens: readonly (string | undefined)[];
  /** Answers with this status from now on. */
  fail(status: number): void;
  close(): Promise<void>;
};

export async function promqlEngine(known: readonly Known[]): Promise<PromqlEngine> {
  const asked: URL[] = [];
  const tokens: (string | undefined)[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://engine');
    asked.push(url);
    tokens.push(request.headers.authorization);
    const result = url.pathname.endsWith('/query_range') ? rangeOf(known, url) : instantOf(known, url);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'success', data: { result } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    tokens,
    fail: (with_) => {
      status = with_;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function selected(known: readonly Known[], text: string): readonly Known[] {
  const [, name = '', matchers = ''] =
    /([a-z_]+)(?:\{([^}]*)\})?(?:\[|\)|$)/.exec(text.replace(/^[a-z_]+\(/, '')) ?? [];
  const wanted = [...matchers.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]);
  return known.filter(
    ({ labels }) =>
      labels['__name__'] === name && wanted.every(([label, value]) => label !== undefined && labels[label] === value),
  );
}

function instantOf(known: readonly Known[], url: URL): readonly object[] {
  const atMs = Number(url.searchParams.get('time')) * 1_000;
  const text = url.searchParams.get('query') ?? '';
  const overMs = Number(/\[(\d+)ms\]/.exec(text)?.[1] ?? 300_000);
  const by = /^sum by \(([^)]*)\)/.exec(text)?.[1]?.split(', ');
  const inner = text.replace(/^sum by \([^)]*\) \(/, '');
  const last = selected(known, inner).flatMap(({ labels, points }) => {
    const point = points.findLast(([pointMs]) => pointMs <= atMs && pointMs > atMs - overMs);
    return point === undefined ? [] : [{ labels, value: point[1] }];
  });
  if (by === undefined)
    return last.map(({ labels, value }) => ({ metric: labels, value: [atMs / 1_000, String(value)] }));
  const groups = Map.groupBy(last, ({ labels }) => JSON.stringify(by.map((name) => [name, labels[name] ?? ''])));
  return [...groups].map(([key, some]) => ({
    metric: Object.fromEntries(JSON.parse(key) as [string, string][]),
    value: [atMs / 1_000, String(some.reduce((sum, { value }) => sum + value, 0))],
  }));
}

/** Enough for how bunched failures are: every series for itself. */
function rangeOf(known: readonly Known[], url: URL): readonly object[] {
  const [startMs, endMs] = ['start', 'end'].map((name) => Number(url.searchParams.get(name)) * 1_000) as [
    number,
    number,
  ];
  const text = (url.searchParams.get('query') ?? '').replace(/^sum by \([^)]*\) \(/, '');
  return selected(known, text).map(({ labels, points }) => ({
    metric: labels,
    values: points
      .filter(([atMs]) => atMs >= startMs && atMs <= endMs)
      .map(([atMs, value]) => [atMs / 1_000, String(value)]),
  }));
}
