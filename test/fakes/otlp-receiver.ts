/** Takes OTLP as JSON over HTTP, and keeps what it got. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Value = {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
};
type Attributes = readonly { readonly key: string; readonly value: Value }[];

export type TakenSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly attributes: Attributes;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
};
export type TakenPoint = {
  readonly attributes: Attributes;
  readonly startTimeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: number | string;
};
export type TakenMetric = {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly TakenPoint[]; readonly isMonotonic: boolean };
  readonly gauge?: { readonly dataPoints: readonly TakenPoint[] };
  readonly exponentialHistogram?: { readonly dataPoints: readonly TakenPoint[] };
};
type Taken<Item> = { readonly resource: Readonly<Record<string, unknown>>; readonly items: readonly Item[] };

export type OtlpReceiver = {
  readonly url: string;
  readonly spans: Taken<TakenSpan>[];
  readonly metrics: Taken<TakenMetric>[];
  /** Headers of the last request. */
  readonly headers: () => Readonly<Record<string, string | string[] | undefined>>;
  readonly requests: () => number;
  close(): void;
};

/** `silent`: takes requests and never answers. */
export async function otlpReceiver(how: 'takes' | 'silent' = 'takes'): Promise<OtlpReceiver> {
  const taken = { spans: [] as Taken<TakenSpan>[], metrics: [] as Taken<TakenMetric>[] };
  let requests = 0;
  let headers: Readonly<Record<string, string | string[] | undefined>> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests += 1;
      ({ headers } = request);
      if (how === 'silent') return;
      const body = Buffer.concat(chunks);
      keep(JSON.parse(String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)), taken);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...taken,
    headers: () => headers,
    requests: () => requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Resource = { readonly attributes: Attributes };
type Body = {
  readonly resourceSpans?: readonly { resource: Resource; scopeSpans: readonly { spans: readonly TakenSpan[] }[] }[];
  readonly resourceMetrics?: readonly {
    resource: Resource;
    scopeMetrics: readonly { metrics: readonly TakenMetric[] }[];
  }[];
};

function keep(body: Body, taken: Pick<OtlpReceiver, 'spans' | 'metrics'>): void {
  for (const { resource, scopeSpans } of body.resourceSpans ?? [])
    taken.spans.push({ resource: valuesOf(resource.attributes), items: scopeSpans.flatMap(({ spans }) => spans) });
  for (const { resource, scopeMetrics } of body.resourceMetrics ?? [])
    taken.metrics.push({ resource: valuesOf(resource.attributes), items: scopeMetrics.flatMap((one) => one.metrics) });
}

export function valuesOf(attributes: Attributes): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? value.boolValue ?? Number(value.intValue),
    ]),
  );
}
