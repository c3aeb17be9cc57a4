/** The HTTP side: who may, what there is, and errors in one form. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Mistakes } from '../../contract/mistake.ts';
import { pagePolicy, statusPage } from '../page/page.ts';
import { StoreFailed } from '../store/store.ts';
import { type Presented, presentedBy } from '../tls.ts';
import type { Access } from './auth.ts';
import type { Core } from './core.ts';
import { exposeMetrics } from './exposition-routes.ts';
import { answerProblem, badRequest, notFound, Problem } from './problem.ts';
import { readingRoutes, writingRoutes } from './routes.ts';

const maxBodyBytes = 16 * 1_048_576;
const getOnly = [
  '/',
  '/metrics',
  '/federate',
  '/api/v1/fleet',
  '/api/v1/verdicts',
  '/api/v1/verdicts/:id',
  '/api/v1/quorum',
  '/api/v1/results',
  '/api/v1/clock',
  '/api/v1/drills/:id',
  '/api/v1/drills/:id/report.html',
  '/-/healthy',
  '/-/ready',
];
const getAndPost = ['/api/v1/drills', '/api/v1/schedules', '/api/v1/bursts', '/api/v1/annotations'];

export function httpApp(core: Core, access: Access): Hono {
  const app = new Hono();
  app.get('/-/healthy', (context) => context.text('healthy\n'));
  app.get('/-/ready', (context) => {
    const why = core.notReady();
    if (why !== null) throw new Problem(503, 'not-ready', why, 'ask again later');
    return context.text('ready\n');
  });
  app.use('*', async (context, next) => {
    const authorization = context.req.header('authorization');
    const reads = context.req.method === 'GET' || context.req.method === 'HEAD';
    const certificate = (): Presented => certificateOf(context);
    if (reads ? !access.mayRead(authorization, certificate) : !access.mayWrite(authorization)) {
      const shown = certificate();
      if (shown.kind === 'refused') return answerProblem(context, refusedCertificate(shown.why));
      context.header('www-authenticate', 'Bearer');
      return answerProblem(context, unauthorized(reads, authorization !== undefined));
    }
    await next();
    return undefined;
  });
  app.use('*', bodyLimit({ maxSize: maxBodyBytes, onError: (context) => answerProblem(context, tooLarge) }));
  app.get('/', (context) =>
    context.html(statusPage(pageOf(core)), 200, { 'content-security-policy': pagePolicy, 'cache-control': 'no-store' }),
  );
  exposeMetrics(app, core);
  readingRoutes(app, core);
  writingRoutes(app, core);
  for (const path of getOnly) app.all(path, (context) => wrongMethod(context.req.method, 'GET, HEAD'));
  for (const path of getAndPost) app.all(path, (context) => wrongMethod(context.req.method, 'GET, HEAD, POST'));
  app.all('/api/v1/fleet/:agent', (context) => wrongMethod(context.req.method, 'DELETE'));
  app.all('/-/reload', (context) => wrongMethod(context.req.method, 'POST'));
  app.notFound((context) =>
    answerProblem(
      context,
      notFound(`page ${context.req.path}`, 'GET / shows the fleet, GET /api/v1/verdicts the verdicts'),
    ),
  );
  app.onError((error, context) => {
    const problem = problemOf(error, core);
    if (problem.status === 405) context.header('allow', problem.hint.replace(/^use /, ''));
    return answerProblem(context, problem);
  });
  return app;
}

function pageOf(core: Core) {
  core.verdicts.look(core.clock.nowMs());
  return {
    scenario: core.scenario,
    atMs: core.clock.wallMs(),
    agents: core.fleet(),
    verdicts: core.verdicts.latest(),
    drills: core.drills.list(),
  };
}

function wrongMethod(method: string, allowed: string): never {
  throw new Problem(405, 'wrong-method', `${method} is not possible here`, `use ${allowed}`);
}

function unauthorized(reads: boolean, given: boolean): Problem {
  const what = reads ? 'reading' : 'writing';
  const message = given ? `this token does not allow ${what}` : `${what} needs a token`;
  return new Problem(401, 'unauthorized', message, 'send Authorization: Bearer with the token of this aggregator');
}

/** Of the connection that the request came over; a request made by hand has none. */
function certificateOf(context: Context): Presented {
  return presentedBy((context.env as Partial<HttpBindings> | undefined)?.incoming?.socket);
}

function refusedCertificate(why: string): Problem {
  return new Problem(403, 'forbidden', `client certificate refused: ${why}`, 'or send Authorization: Bearer');
}

const tooLarge = new Problem(413, 'too-large', `the body is larger than ${maxBodyBytes} bytes`, 'send less');

function problemOf(error: Error, core: Core): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Mistakes) return badRequest(error.message, 'nothing was changed');
  core.log.error({ error: error.stack ?? error.message }, 'a request failed');
  if (error instanceof StoreFailed)
    return new Problem(503, 'store-failed', error.message, 'see the log of the aggregator');
  return new Problem(500, 'bug', 'this should not have happened', 'the log of the aggregator has more');
}
