/** `drill serve`: runs what is scheduled, says how it stands, and takes a changed scenario. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scheduleGauges } from '../../aggregator/metrics/drill-gauges.ts';
import { familyHead, sampleLine } from '../../aggregator/metrics/exposition.ts';
import { allowedDueTimes } from '../../chaos/schedule/allowed.ts';
import { type Serving, serve } from '../../chaos/serve.ts';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import { standingOf } from '../../contract/schedule.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { announce, onHangup } from '../daemon.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { optionReader } from '../options.ts';
import { runOnce } from './once.ts';
import { type DrillFlags, fleetAt, given } from './options.ts';
import { tell } from './run.ts';
import { traceable } from './trace.ts';

export async function serveCommand(flags: DrillFlags, io: Io): Promise<number> {
  const reader = optionReader();
  const listen = reader.address('--listen', flags.listen ?? '127.0.0.1:0') ?? { host: '127.0.0.1', port: 0 };
  reader.check();
  const { scenario, urls, token } = await given(flags, { fleet: true });
  const fleet = fleetAt(urls, token, io);
  if (fleet === null) throw new Error('want an aggregator');
  traceable(io);
  refuseNever(scenario, io.clock.wallMs());
  const scenarios = changing(flags.scenario ?? '', io);
  await scenarios.seen();
  const forget = onHangup(scenarios.hangup);
  let lastExit: number = exitCodes.pass;
  const serving = serve(scenario, {
    clock: io.clock,
    log: io.log,
    fleet,
    interrupt: io.signal,
    reloaded: scenarios.reloaded,
    async run(current, drill) {
      const outcome = await runOnce({ scenario: current, drill, saved: null, urls, token }, flags, io);
      lastExit = outcome.exit;
      tell(outcome, flags, io);
      return outcome;
    },
  });
  const server = await listening(serving, listen, io);
  const { port } = server.address() as AddressInfo;
  announce(io, `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`);
  try {
    await serving.ended;
  } finally {
    forget();
    server.close();
    server.closeAllConnections();
  }
  // Whoever looks at how it ended has to know of a region that is not as it was.
  return lastExit === exitCodes.notRestored ? lastExit : exitCodes.pass;
}

/** A schedule that no moment of the next years meets is a mistake, and no drill would ever be overdue by it. */
function refuseNever(scenario: Scenario, nowMs: number): void {
  const mistakes = scenario.drills.flatMap(({ name, schedule }): readonly Mistake[] => {
    if (schedule === null || allowedDueTimes(schedule, scenario, nowMs, 1).length > 0) return [];
    const got = `${JSON.stringify(schedule.cron)} in ${schedule.timeZone}`;
    return [{ place: `schedule of drill ${name}`, got, want: 'a time that allow.hours and allow.freezes let pass' }];
  });
  const [first] = mistakes;
  if (first !== undefined) throw new Mistakes([first, ...mistakes.slice(1)]);
  if (scenario.drills.every(({ schedule }) => schedule === null)) {
    throw new Mistakes([
      { place: 'drills', got: 'none with a schedule', want: 'at least one: drill serve runs those' },
    ]);
  }
}

/** The scenario's file: read again when its text is another, and at a SIGHUP. One that is bad is told once. */
function changing(file: string, io: Io) {
  let text = '';
  let isAsked = false;
  return {
    async seen(): Promise<void> {
      text = await readFile(file, 'utf8');
    },
    hangup: (): void => {
      isAsked = true;
    },
    async reloaded(): Promise<Scenario | null> {
      const now = await readFile(file, 'utf8').catch(() => text);
      if (now === text && !isAsked) return null;
      text = now;
      isAsked = false;
      const next = await loadScenario(file);
      refuseNever(next, io.clock.wallMs());
      return next;
    },
  };
}

function listening(
  serving: Serving,
  { host, port }: { readonly host: string; readonly port: number },
  io: Io,
): Promise<Server> {
  const pages: Readonly<Record<string, () => readonly [status: number, text: string]>> = {
    '/-/healthy': () => [200, 'healthy\n'],
    '/-/ready': () => {
      const why = serving.notReady();
      return why === null ? [200, 'ready\n'] : [503, `${why}\n`];
    },
    '/metrics': () => [200, exposition(serving, io.clock.wallMs())],
  };
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const page = pages[url.split('?')[0] ?? ''];
    const [status, text] =
      method !== 'GET' && method !== 'HEAD' ? [405, 'use GET\n'] : (page?.() ?? [404, 'see /metrics, /-/ready\n']);
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(method === 'HEAD' ? '' : text);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function exposition(serving: Serving, nowMs: number): string {
  const drills = serving.scheduled().map(({ schedule }) => {
    return { scenario: serving.scenario(), schedule, standing: standingOf(schedule, null, nowMs) };
  });
  return scheduleGauges(drills)
    .filter(({ samples }) => samples.length > 0)
    .map(
      ({ name, type, help, samples }) =>
        familyHead(name, type, help, 'text') + samples.map((sample) => sampleLine(sample, 'text')).join(''),
    )
    .join('');
}
