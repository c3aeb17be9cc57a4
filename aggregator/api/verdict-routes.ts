/** Verdicts as they are asked for: now or at a past moment, over their own window or another. */
import type { Hono } from 'hono';
import type { ExplainedAnswer, ObjectiveSlice, VerdictsAnswer } from '../../contract/api.ts';
import type { Objective } from '../../contract/objective.ts';
import { parseDurationMs, parseRatio } from '../../contract/units.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { sliceWidthMs, widestSliceMs } from '../slices/tiers.ts';
import type { Stretch } from '../slo/stretch.ts';
import { windowAt } from '../slo/window.ts';
import type { Core } from './core.ts';
import { badRequest, notFound } from './problem.ts';
import { isOwnOnly, type Parameters, readTime } from './query.ts';

export function verdictRoutes(app: Hono, core: Core): void {
  app.get('/api/v1/verdicts', async (context) => {
    const { atMs, sinceMs } = readMoments(core, (name) => context.req.query(name));
    const nowMs = core.clock.nowMs();
    // Whether a drill is overdue is known of now alone.
    const drills = atMs === null && sinceMs === null ? core.schedules.verdicts(nowMs) : [];
    if (core.spanning !== null && !isOwnOnly(context.req.query('scope'))) {
      const spanned = await core.spanning.verdicts(atMs ?? nowMs, sinceMs);
      return context.json(listed(core, [...spanned, ...drills]));
    }
    core.verdicts.look(nowMs);
    if (sinceMs !== null) return context.json(listed(core, core.verdicts.since(sinceMs, atMs ?? nowMs)));
    return context.json(listed(core, atMs === null ? [...core.verdicts.latest(), ...drills] : core.verdicts.at(atMs)));
  });
  app.get('/api/v1/verdicts/:id', async (context) => {
    const id = context.req.param('id');
    const parameter: Parameters = (name) => context.req.query(name);
    const { atMs, sinceMs } = readMoments(core, parameter);
    const target = parameter('target') ?? null;
    const asked = { atMs: atMs ?? core.clock.nowMs(), sinceMs };
    const drill = core.schedules.verdicts(core.clock.nowMs()).find((verdict) => verdict.id === id);
    if (drill !== undefined) return context.json(explainedDrill(drill));
    const found = await judgedOne(core, id, { ...asked, text: target, own: isOwnOnly(parameter('scope')) });
    if (found === undefined) throw notFound(`objective ${JSON.stringify(id)}`, 'GET /api/v1/verdicts lists them');
    const { verdict, ...rest } = found;
    return context.json({ ...verdict, verdicts: [verdict], ...rest });
  });
}

/** It is made of due times and runs, and not of slices. */
function explainedDrill(verdict: Verdict): ExplainedAnswer & { readonly verdicts: readonly Verdict[] } {
  const window = { fromMs: verdict.at, toMs: verdict.at };
  const about = { window, indicator: 'failover', newestMs: null, everyMs: null, doubt: null } as const;
  return { ...verdict, verdicts: [verdict], slices: [], budget: null, ...about };
}

/** With what each is of: a number alone does not say whether it is a share or milliseconds. */
function listed(core: Core, verdicts: readonly Verdict[]): VerdictsAnswer {
  const kinds = new Map(core.objectives().map(({ id, indicator }) => [id, indicator.kind]));
  return {
    verdicts: verdicts.map((verdict) => {
      const indicator = kinds.get(verdict.id);
      return indicator === undefined ? verdict : { ...verdict, indicator };
    }),
  };
}

/** `since`: a duration back from `at`, or a moment. */
function readMoments(core: Core, parameter: Parameters): Pick<Stretch, 'sinceMs'> & { readonly atMs: number | null } {
  const atMs = readTime('at', parameter('at'));
  const given = parameter('since');
  if (given === undefined) return { atMs, sinceMs: null };
  const untilMs = atMs ?? core.clock.nowMs();
  const backMs = parseDurationMs(given);
  const sinceMs = backMs === undefined ? readTime('since', given) : untilMs - backMs;
  // The slice that it begins in has to be there as a whole, also by the time that it is looked at.
  const backwardsMs = core.retentionMs - 2 * widestSliceMs;
  const oldestMs = core.clock.nowMs() - backwardsMs;
  if (sinceMs === null || sinceMs > untilMs - sliceWidthMs || sinceMs < oldestMs) {
    const want = `at least ${sliceWidthMs / 1_000}s before at, and at most ${Math.floor(backwardsMs / 86_400_000)}d ago`;
    throw badRequest(`since: got ${JSON.stringify(given)}, want ${want}`, 'for example since=10m');
  }
  return { atMs, sinceMs };
}

type Asked = Omit<Stretch, 'target'> & { readonly text: string | null; readonly own: boolean };

type Found = { readonly verdict: Verdict } & Omit<ExplainedAnswer, Exclude<keyof Verdict, 'doubt'>>;

async function judgedOne(core: Core, id: string, asked: Asked): Promise<Found | undefined> {
  const { atMs, sinceMs, text, own } = asked;
  const target = readTarget(core, id, text);
  if (core.spanning !== null && !own) {
    const found = await core.spanning.one(id, atMs, { sinceMs, target });
    if (found === undefined) return undefined;
    const { objective, verdict, slices, newestMs } = found;
    // Its pieces are too wide to tell how long nothing has come.
    const known = { newestMs, doubt: verdict.doubt ?? null };
    return { verdict, slices, ...aboutIt(core, objective, atMs, slices), ...known };
  }
  const found = core.verdicts.over(id, { atMs, sinceMs, target });
  if (found === undefined) return undefined;
  const { objective, verdict, facts, budget } = found;
  const { slices } = facts;
  const { doubt = null } = verdict;
  return { verdict, slices, budget, ...aboutIt(core, objective, verdict.at, slices), doubt };
}

function aboutIt(core: Core, objective: Objective, atMs: number, slices: readonly ObjectiveSlice[]) {
  const newest = slices.findLast(({ good, bad }) => good + bad > 0);
  return {
    window: { fromMs: windowAt(objective, atMs).fromMs, toMs: atMs },
    indicator: objective.indicator.kind,
    newestMs: newest === undefined ? null : Math.min(atMs, newest.atMs + newest.widthMs),
    everyMs: core.everyMs(objective.check),
  };
}

/** `target`: a share, or of a quantile a duration. */
function readTarget(core: Core, id: string, text: string | null): number | null {
  const objective = core.objectives().find((other) => other.id === id);
  if (text === null || objective === undefined) return null;
  if ('targetMs' in objective.indicator) {
    const targetMs = parseDurationMs(text);
    if (targetMs !== undefined && targetMs > 0) return targetMs;
    throw badRequest(`target: got ${JSON.stringify(text)}, want a duration`, 'for example target=300ms');
  }
  const ratio = parseRatio(/^0?\.\d+$/.test(text) ? Number(text) : text);
  if (ratio !== undefined && ratio > 0 && ratio < 1) return ratio;
  throw badRequest(
    `target: got ${JSON.stringify(text)}, want a share over 0% and under 100%`,
    'for example target=95%25',
  );
}
