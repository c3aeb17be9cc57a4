import type { Hono } from 'hono';
import { reportPage } from '../page/report.ts';
import type { Core } from './core.ts';
import { badRequest, notFound, Problem } from './problem.ts';
import { isOwnOnly, readResultsQuery } from './query.ts';
import { readAnnotation, readBurst } from './validate.ts';
import { readDrill } from './validate-drill.ts';
import { readSchedules } from './validate-schedules.ts';
import { verdictRoutes } from './verdict-routes.ts';

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
  verdictRoutes(app, core);
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
  app.get('/api/v1/schedules', (context) => context.json({ scenarios: core.schedules.list() }));
  app.get('/api/v1/bursts', (context) => context.json({ bursts: core.bursts.list() }));
  app.get('/api/v1/annotations', async (context) => context.json({ annotations: await core.annotations.list() }));
}

export function writingRoutes(app: Hono, core: Core): void {
  app.post('/api/v1/drills', async (context) => {
    const { drill, html } = readDrill(await bodyOf(context.req), core.clock.nowMs());
    const isNew = await core.drills.put(drill, html);
    return context.json({ id: drill.id, status: drill.status, phase: drill.phase }, isNew ? 201 : 200);
  });
  app.post('/api/v1/schedules', async (context) => {
    const schedules = readSchedules(await bodyOf(context.req));
    await core.schedules.put(schedules);
    return context.json(schedules);
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
  app.delete('/api/v1/fleet/:agent', async (context) => {
    const agent = context.req.param('agent');
    const found = await core.removeAgent(agent);
    if (found === 'unknown') throw notFound(`agent ${JSON.stringify(agent)}`, 'GET /api/v1/fleet lists them');
    if (found === 'removed') return context.json({ removed: agent });
    throw new Problem(409, 'connected', `agent ${JSON.stringify(agent)} is connected`, 'stop it first');
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
