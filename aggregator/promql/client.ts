/** Asks an engine that speaks PromQL over Prometheus's HTTP API: VictoriaMetrics, Mimir, Thanos, Prometheus. */
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import { isObject } from '../../contract/json.ts';
import { authorities, fetchPage } from '../federation/fetch.ts';

export type PromqlOptions = {
  /** What `/api/v1/query` is put behind. */
  readonly url: string;
  /** Asked before every request, so that a token may be replaced; `null`: none is sent. */
  readonly token: (() => string) | null;
};

export type Labels = Readonly<Record<string, string>>;
export type Vector = readonly { readonly labels: Labels; readonly value: number }[];
export type Matrix = readonly { readonly labels: Labels; readonly points: readonly (readonly [number, number])[] }[];

export type Promql = {
  /** At that moment. */
  query(text: string, atMs: number): Promise<Vector>;
  range(
    text: string,
    stretch: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  ): Promise<Matrix>;
};

/** The engine did not answer, or not with what was asked for. The sentence is for people. */
export class EngineTrouble extends Error {
  constructor(url: string, cause: unknown) {
    super(`the engine at ${new URL(url).host} cannot be asked: ${messageOf(cause)}`, { cause });
    this.name = 'EngineTrouble';
  }
}

const limits = { timeoutMs: 10_000, maxBytes: 64 * 1_048_576 };

/** Every call rejects with `EngineTrouble` within ten seconds when there is no answer. */
export function promql({ url, token, ca }: PromqlOptions & { readonly ca: string | null }, clock: Clock): Promql {
  const trusted = authorities(ca);

  async function ask(path: string, parameters: Readonly<Record<string, string>>): Promise<readonly Fields[]> {
    try {
      const asked = `${url.replace(/\/$/, '')}${path}?${new URLSearchParams(parameters)}`;
      const source = { url: asked, ca: trusted, accept: 'application/json', token: token?.() ?? null };
      const { text } = await fetchPage(source, limits, clock, new AbortController().signal);
      return resultsOf(JSON.parse(text));
    } catch (error) {
      throw new EngineTrouble(url, error);
    }
  }
  return {
    async query(text, atMs) {
      const results = await ask('/api/v1/query', { query: text, time: String(atMs / 1_000), timeout: '10s' });
      return results.flatMap(({ metric, value }) => {
        const [, number] = pointOf(value);
        return Number.isNaN(number) ? [] : [{ labels: labelsOf(metric), value: number }];
      });
    },
    async range(text, { fromMs, toMs, stepMs }) {
      const stretch = { start: String(fromMs / 1_000), end: String(toMs / 1_000), step: String(stepMs / 1_000) };
      const results = await ask('/api/v1/query_range', { query: text, ...stretch, timeout: '10s' });
      return results.map(({ metric, values }) => ({
        labels: labelsOf(metric),
        points: Array.isArray(values) ? values.map(pointOf).filter(([, number]) => !Number.isNaN(number)) : [],
      }));
    },
  };
}

type Fields = { readonly [key: string]: unknown };

function resultsOf(answer: unknown): readonly Fields[] {
  const data = isObject(answer) && answer['status'] === 'success' ? answer['data'] : undefined;
  const results = isObject(data) ? data['result'] : undefined;
  if (!Array.isArray(results)) throw new Error('got an answer that is not one of its API, want a vector or a matrix');
  return results.filter(isObject);
}

function labelsOf(metric: unknown): Labels {
  if (!isObject(metric)) return {};
  return Object.fromEntries(
    Object.entries(metric).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Milliseconds and a number, which comes as text. */
function pointOf(point: unknown): readonly [number, number] {
  const [seconds, value]: readonly unknown[] = Array.isArray(point) ? point : [];
  return [Number(seconds) * 1_000, Number(value ?? Number.NaN)];
}
