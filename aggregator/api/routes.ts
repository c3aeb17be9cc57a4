import type { Hono } from 'hono';
import { reportPage } from '../page/report.ts';
import type { Core } from './core.ts';
import { badRequest, notFound, Problem } from './problem.ts';
import { readResultsQuery, readTime } from './query.ts';
import { readAnnotation, readBurst } from './validate.ts';
import { readDrill } from './validate-drill.ts';

const json = { 'content-type': 'application/json; charset=utf-8' } as const;
/** A report brings its own style and nothing else. */
const reportPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function readingRoutes(app: Hono, core: Core): void {
  app.get('/api/v1/fleet', async (context) => {
    if (core.spanning === null || isOwnOnly(context.req.query('scope'))) return context.json({ agents: core.fleet() });
    const { agents, trouble } = await core.spanning.fleet(core.fleet());
    return context.json({ agents, ...(trouble === null ? {} : { trouble }) });
  });
  app.get('/api/v1/quorum', (context) => context.json(core.quorum()));
  app.get('/api/v1/verdicts', async (context) => {
    const atMs = readTime('at', context.req.query('at'));
    if (core.spanning !== null && !isOwnOnly(context.req.query('scope'))) {
      return context.json({ verdicts: await core.spanning.verdicts(atMs ?? core.clock.nowMs()) });
    }
    core.verdicts.look(core.clock.nowMs());
    return context.json({ verdicts: atMs === null ? core.verdicts.latest() : core.verdicts.at(atMs) });
  });
  app.get('/api/v1/verdicts/:id', async (context) => {
    const id = context.req.param('id');
    const atMs = readTime('at', context.req.query('at')) ?? core.clock.nowMs();
    const found = await judgedOne(core, id, atMs, isOwnOnly(context.req.query('scope')));
    if (found === undefined) throw notFound(`objective ${JSON.stringify(id)}`, 'GET /api/v1/verdicts lists them');
    const { verdict, slices, budget } = found;
    return context.json({ ...verdict, verdicts: [verdict], slices, ...(budget === undefined ? {} : { budget }) });
  });
  app.get('/api/v1/results', async (context) => {
    const query = readResultsQuery((name) => context.req.query(name));
    return context.body(await core.results(query), 200, json);
  });
  app.get('/api/v1/clock', (context) => {
    const t2 = core.clock.nowMs();
    const t1 = Number(context.req.query('t1') ?? Number.NaN);
    if (!Number.isFinite(t1))
      throw badRequest('t1: want your own time in milliseconds', 'GET /api/v1/clock?t1=1763689200000');
    return context.json({ t1, t2, t3: core.clock.nowMs() });
  });
  app.get('/api/v1/drills', (context) => context.json({ drills: core.drills.list() }));
  app.get('/api/v1/drills/:id', async (context) => context.json(await drillOf(core, context.req.param('id'))));
  app.get('/api/v1/drills/:id/report.html', async (context) => {
    const drill = await drillOf(core, context.req.param('id'));
    const html = (await core.drills.reportHtml(drill.id)) ?? reportPage(drill);
    return context.html(html, 200, { 'content-security-policy': reportPolicy });
  });
  app.get('/api/v1/bursts', (context) => context.json({ bursts: core.bursts.list() }));
  app.get('/api/v1/annotations', async (context) => context.json({ annotations: await core.annotations.list() }));
}

/** `?scope=own`: of this aggregator alone, where it would ask an engine for what spans several. */
function isOwnOnly(scope: string | undefined): boolean {
  if (scope === undefined || scope === 'all') return false;
  if (scope !== 'own') throw badRequest(`scope: got ${JSON.stringify(scope)}, want own or all`, 'leave it out for all');
  return true;
}

async function judgedOne(core: Core, id: string, atMs: number, own: boolean) {
  if (core.spanning !== null && !own) {
    const spanning = await core.spanning.one(id, atMs);
    return spanning && { ...spanning, budget: undefined };
  }
  const found = core.verdicts.one(id, atMs);
  return found && { verdict: found.verdict, slices: found.facts.slices, budget: found.budget };
}

export function writingRoutes(app: Hono, core: Core): void {
  app.post('/api/v1/drills', async (context) => {
    const { drill, html } = readDrill(await bodyOf(context.req), core.clock.nowMs());
    const isNew = await core.drills.put(drill, html);
    return context.json({ id: drill.id, status: drill.status, phase: drill.phase }, isNew ? 201 : 200);
  });
  app.post('/api/v1/bursts', async (context) => {
    const burst = readBurst(await bodyOf(context.req), core.clock.nowMs());
    const agents = await core.bursts.ask(burst);
    return context.json({ ...burst, agents }, 201);
  });
  app.post('/api/v1/annotations', async (context) => {
    const annotation = readAnnotation(await bodyOf(context.req), core.clock.nowMs());
    const id = await core.annotations.add(annotation);
    return context.json({ id, ...annotation }, 201);
  });
  app.post('/-/reload', async (context) => {
    if (core.reload === undefined) {
      throw new Problem(
        409,
        'nothing-to-reload',
        'this aggregator was not started from a file',
        'start it with --scenario',
      );
    }
    return context.json({ reloaded: true, ...(await core.reload()) });
  });
}

async function drillOf(core: Core, id: string) {
  const drill = await core.drills.get(id);
  if (drill === undefined) throw notFound(`drill ${JSON.stringify(id)}`, 'GET /api/v1/drills lists them');
  return drill;
}

async function bodyOf(request: { json(): Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw badRequest('the body is not JSON', 'send Content-Type: application/json');
  }
}
