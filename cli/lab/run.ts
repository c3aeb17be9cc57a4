/** One run of the lab: world up, programs up, samples, drills, rows, and everything down again. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../contract/clock.ts';
import { seededRandom } from '../../contract/random.ts';
import type { Row } from '../../contract/verdict.ts';
import { type Lab, startLab } from '../../lab/world.ts';
import type { WorldFile } from '../../lab/world-file.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Facts, World } from '../../scenarios/world.ts';
import { worlds } from '../../scenarios/worlds.ts';
import { getText } from '../http.ts';
import { fileLog, type Io } from '../io.ts';
import type { LabRequest } from '../lab.ts';
import { newToken } from '../token.ts';
import { containerStarter } from './containers.ts';
import { type Crew, startCrew } from './crew.ts';
import {
  parseAudit,
  readDrills,
  readFleet,
  readRegionMetrics,
  readResidencyLogs,
  readResults,
  readVerdicts,
} from './facts.ts';
import { finish } from './finish.ts';
import { sample } from './sampling.ts';
import { type Show, show } from './show.ts';

/** What the parts of a run share. */
export type Run = {
  readonly request: LabRequest;
  readonly world: World;
  readonly lab: Lab;
  readonly crew: Crew;
  readonly file: WorldFile;
  readonly show: Show;
  readonly io: Io;
};

/** Resolves with the exit code; rejects with the signal's reason when interrupted, after everything is down. */
export async function runLab(request: LabRequest, io: Io): Promise<number> {
  const world = worlds[request.world] as World;
  const profile = world.profiles[request.profile];
  const screen = show(request.json ? io.stderr : io.stdout, io.colour && !request.json, io.clock);
  mkdirSync(request.outDir, { recursive: true });
  screen.line(
    `world ${world.name}, profile ${profile.name} (time ÷ ${profile.factor}), seed ${request.seed}${request.plant === null ? '' : `, planted: ${request.plant}`}`,
  );
  const { seed, outDir, plant } = request;
  const shop = { self: [process.execPath, process.argv[1] ?? ''], outDir };
  const startContainer = containerStarter(shop, io.clock, seededRandom(seed + 2));
  const lab = await startLab(
    { world, profile, seed, outDir, plant, clusterToken: newToken(), startContainer },
    { clock: io.clock, log: fileLog(join(outDir, 'lab.log')) },
  );
  try {
    io.signal.throwIfAborted();
    for (const [name, region] of Object.entries(lab.regions))
      screen.line(`  region ${name}: ${region.pods} pods behind ${region.url}`);
    const token = newToken();
    const tokenFile = join(request.outDir, 'write-token');
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    const posts = { ...lab.posts, ...shop, tokenFile };
    const crew = await startCrew(posts, io.clock, seededRandom(request.seed + 1));
    try {
      const file = describe(request, lab, crew, token);
      writeFileSync(join(request.outDir, 'world.json'), `${JSON.stringify(file, null, 2)}\n`);
      const run: Run = { request, world, lab, crew, file, show: screen, io };
      await screen.during('agents coming up', fleetReady(run, lab.posts.vantages.length));
      const facts = await factsOf(run, token);
      io.signal.throwIfAborted();
      return await finish(run, facts);
    } finally {
      await crew.stop();
    }
  } finally {
    await lab.stop();
  }
}

function describe(request: LabRequest, lab: Lab, crew: Crew, writeToken: string): WorldFile {
  return {
    world: request.world,
    profile: request.profile,
    factor: lab.profile.factor,
    seed: request.seed,
    aggregator: { url: crew.aggregatorUrl, writeToken, readToken: null },
    ...lab.file,
    evidence: join(request.outDir, 'drills'),
  };
}

const lookEveryMs = 100;
/** A machine that cannot start three small programs in this time will not run a drill either. */
const readyWithinMs = 60_000;

async function fleetReady(run: Run, count: number): Promise<void> {
  const untilMs = run.io.clock.nowMs() + readyWithinMs;
  for (;;) {
    const { agents } = await readFleet(run.file.aggregator.url);
    const ready = agents.filter((agent) => agent.connected && agent.clock !== null);
    if (ready.length >= count) {
      for (const agent of ready)
        run.show.line(`  agent ${agent.vantage}: connected, clock ±${(agent.clock?.errorMs ?? 0).toFixed(2)} ms`);
      return;
    }
    if (run.io.clock.nowMs() > untilMs)
      throw new Error(`only ${ready.length} of ${count} agents came up within ${readyWithinMs / 1_000} s`);
    await sleep(run.io.clock, lookEveryMs, run.io.signal);
  }
}

async function factsOf(run: Run, token: string): Promise<Facts> {
  const { world, request, file } = run;
  const before = await undisturbed(run, token);
  const wanted = drillsWanted(request, world);
  for (const name of wanted) {
    // Reading facts goes on through Ctrl-C; no drill may begin after it.
    run.io.signal.throwIfAborted();
    await drill(run, name);
  }
  const { url } = file.aggregator;
  const drills = (await readDrills(url)).filter((report) => wanted.includes(report.name));
  const firstDrillMs = Math.min(...drills.map((report) => report.startedMs));
  const drillResults = drills.length === 0 ? [] : await readResults(url, firstDrillMs);
  return { ...before, drills, drillResults };
}

/** Most times that samples are taken: a machine that is busy with other things needs more of them. */
const maxSamplings = 4;
/** A world that is later than this at its own timers would be measuring the machine, not the regions. */
const busyMs = 8;

/** Facts from before any drill, with as many samples as the rows that need no drill ask for, within a bound. */
async function undisturbed(run: Run, token: string): Promise<Facts> {
  const { world, file, io, lab } = run;
  const { burstEveryMs, samplingMs } = lab.profile;
  const scenario = await loadScenario(file.scenario);
  const { url } = file.aggregator;
  const sampling = { url, token, scenario, names: world.sampled, everyMs: burstEveryMs, forMs: samplingMs };
  let sinceMs: number | undefined;
  for (let round = 1; ; round += 1) {
    const said = round === 1 ? 'undisturbed samples' : `more samples (${round} of at most ${maxSamplings})`;
    const sampled = await run.show.during(`${said} for ${samplingMs / 1_000} s`, sample(sampling, io.clock, io.signal));
    if (sampled.lateMs > busyMs && round < maxSamplings) {
      run.show.line(
        `  this machine is busy (the lab is ${sampled.lateMs.toFixed(0)} ms late): these samples do not count`,
      );
      continue;
    }
    sinceMs ??= sampled.sinceMs;
    const facts = await readFacts(run, sinceMs);
    const open = world.rows(facts).filter((row) => row.status === 'inconclusive' && isOpen(run, row));
    run.show.line(
      `  ${facts.results.length} results${open.length === 0 ? '' : `; too few for ${open.map(({ id }) => id).join(', ')}`}`,
    );
    if (open.length === 0 || round === maxSamplings) return facts;
  }
}

function isOpen({ world, request }: Run, { id, expected }: Row): boolean {
  const asked = request.only === null || request.only.includes(id);
  return asked && expected !== 'inconclusive' && world.drillsFor(id).length === 0;
}

async function readFacts(run: Run, sinceMs: number): Promise<Facts> {
  const { lab, crew, file } = run;
  const { url } = file.aggregator;
  const ca = readFileSync(file.caFile, 'utf8');
  return {
    profile: lab.profile,
    results: await readResults(url, sinceMs),
    verdicts: await readVerdicts(url),
    metrics: await getText(`${url}/metrics`),
    recent: await readResults(url, 0),
    regionMetrics: await readRegionMetrics(file, ca),
    audit: parseAudit(await crew.audit('DE')),
    residencyLog: await readResidencyLogs(file, ca),
    drills: [],
    drillResults: [],
  };
}

function drillsWanted(request: LabRequest, world: World): readonly string[] {
  if (request.drills !== null) return request.drills;
  const { only } = request;
  return only === null
    ? world.drills
    : world.drills.filter((name) => only.some((id) => world.drillsFor(id).includes(name)));
}

async function drill(run: Run, name: string): Promise<void> {
  const { io, show: screen, crew } = run;
  screen.line('');
  const child = crew.drill(name, (line) => screen.line(`  ${line}`));
  const stop = (): void => void child.stop(restoreGraceMs, 'SIGINT');
  io.signal.addEventListener('abort', stop, { once: true });
  const { code } = await screen.during(`drill ${name}`, child.ended);
  io.signal.removeEventListener('abort', stop);
  io.signal.throwIfAborted();
  const meanings: Readonly<Record<number, string>> = {
    0: 'pass',
    1: 'fail',
    3: 'inconclusive',
    4: 'refused',
    5: 'not restored',
  };
  screen.line(`drill ${name}: exit ${code} (${meanings[code ?? -1] ?? 'see its log'})`);
}

/** How long an interrupted runner may take to put the region back before it is ended. */
const restoreGraceMs = 20_000;
