/** Asking an aggregator for verdicts, as `status` and `gate` do. */
import { aggregatorHttp, Refused } from '../../chaos/aggregator-client.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { ClockAnswer, ExplainedAnswer, VerdictsAnswer } from '../../contract/api.ts';
import { isObject } from '../../contract/json.ts';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import { parseDurationMs } from '../../contract/units.ts';
import { explainedTrouble, verdictsTrouble } from '../../contract/verdict-shape.ts';
import type { Io } from '../io.ts';
import type { Reader } from '../options.ts';

/** What is asked beside the objective, as the API takes it. */
export type Query = { readonly at?: string; readonly since?: string; readonly target?: string };

export type Asking = {
  all(query: Query, signal: AbortSignal): Promise<VerdictsAnswer>;
  /** Throws `Mistakes` of an objective that there is not, and of a query that cannot be. */
  one(id: string, query: Query, signal: AbortSignal): Promise<ExplainedAnswer>;
  /** The aggregator's own time. Never from a cache: whoever gives it is alive. */
  nowMs(signal: AbortSignal): Promise<number>;
};

/** What keeps an answer from being what was asked for; `null`: nothing. */
type TroubleIn = (answer: unknown) => string | null;

/**
 * Of several, the first that can be reached answers: each has the whole fleet from the engine that they share. Whoever
 * answers something else is not an aggregator, and counts as one that cannot be reached.
 */
export function askingOf(urls: readonly URL[], token: string | null, io: Io): Asking {
  const apis = urls.map((url) => aggregatorHttp(url, token, io.clock));

  async function get<T>(path: string, troubleIn: TroubleIn, signal: AbortSignal): Promise<T> {
    let trouble: unknown = new Trouble('wrong-input', '--aggregator: want a URL');
    for (const api of apis) {
      try {
        const answer = await api.get<T>(path, signal);
        const no = troubleIn(answer);
        if (no === null) return answer;
        const [page = path] = path.split('?');
        throw new Trouble('unreachable', `what answers ${page} is no aggregator, or one of another version: ${no}`);
      } catch (error) {
        trouble = error;
        if (!(error instanceof Trouble) || error.kind !== 'unreachable') throw error;
      }
    }
    throw trouble;
  }

  async function all(query: Query, signal: AbortSignal): Promise<VerdictsAnswer> {
    try {
      return await get<VerdictsAnswer>(`/api/v1/verdicts${textOf(query)}`, verdictsTrouble, signal);
    } catch (error) {
      throw mistakeIn(error) ?? error;
    }
  }

  return {
    all,
    async one(id, query, signal) {
      try {
        const path = `/api/v1/verdicts/${encodeURIComponent(id)}${textOf(query)}`;
        return await get<ExplainedAnswer>(path, (answer) => explainedTrouble(answer, id), signal);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 404) throw mistakeIn(error) ?? error;
        const { verdicts } = await all({}, signal);
        const known = verdicts.map((verdict) => verdict.id).join(', ');
        const want = known === '' ? 'an aggregator with objectives: this one has none' : `one of ${known}`;
        throw new Mistakes([{ place: 'objective', got: JSON.stringify(id), want }]);
      }
    },
    async nowMs(signal) {
      const t1 = io.clock.nowMs();
      return (await get<ClockAnswer>(`/api/v1/clock?t1=${t1}`, (answer) => clockTrouble(answer, t1), signal)).t2;
    },
  };
}

function clockTrouble(answer: unknown, t1: number): string | null {
  if (isObject(answer) && answer['t1'] === t1 && typeof answer['t2'] === 'number') return null;
  return 'it does not give back the time asked';
}

function textOf(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given as [string, string][])}`;
}

/** The aggregator's word for what is wrong with the query. */
function mistakeIn(error: unknown): Error | null {
  if (!(error instanceof Refused) || error.status !== 400) return null;
  return new Trouble('wrong-input', error.message, { cause: error });
}

/** A moment as the API takes it: epoch milliseconds, or a time with its offset from UTC. */
export function momentOption(reader: Reader, option: string, text: string | undefined): string | undefined {
  if (text === undefined || isMoment(text)) return text;
  reader.mistake(wrong(option, text, 'a time with its offset, such as 2026-12-01T10:00:00Z, or epoch milliseconds'));
  return undefined;
}

/** A duration back from then, or a moment. */
export function sinceOption(reader: Reader, text: string | undefined): string | undefined {
  if (text === undefined || parseDurationMs(text) !== undefined || isMoment(text)) return text;
  reader.mistake(
    wrong('--since', text, 'a duration, such as 10m, or a time with its offset, such as 2026-12-01T10:00:00Z'),
  );
  return undefined;
}

function isMoment(text: string): boolean {
  return momentMs(text) !== null;
}

/** `null` for what is no moment. */
export function momentMs(text: string): number | null {
  if (/^\d{12,14}(\.\d+)?$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
}

function wrong(place: string, text: string, want: string): Mistake {
  return { place, got: JSON.stringify(text), want };
}
