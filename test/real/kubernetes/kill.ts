/** One drill in which somebody is killed, and what came of it. */
import type { Running } from '../../fakes/program.ts';
import { bounded, clock, pause, until } from '../../lab/waiting.ts';
import { drillsIn, type Moment, momentIn } from './moment.ts';
import { differences, type Shop, type World } from './world.ts';

export const victims = ['runner', 'runner', 'restorer', 'aggregator'] as const;
export type Victim = (typeof victims)[number];
/** After a share of the drill's life, or as soon as its journal says that it is in a moment. */
export type Aim = { readonly share: number } | { readonly moment: Moment };
export type Kill = { readonly victim: Victim; readonly aim: Aim };
export type Outcome = {
  readonly victim: Victim;
  /** Where the drill was. */
  readonly moment: Moment;
  /** How the runner ended; `null` when it was the victim. */
  readonly code: number | null;
  /** From the kill until all workloads were to have their replicas again, before any operator came; `null`: they were not. */
  readonly mendedMs: number | null;
  /** What was not as before in the end, after `drill recover`. */
  readonly left: readonly string[];
};

/** A Lease of two seconds, and a restorer that may just have been started. */
const mendedWithinMs = 20_000;
const settledWithinMs = 20_000;
/** A look at everything is many calls. */
const lookEveryMs = 400;
const endsWithinMs = 120_000;
/** Three rounds of the fleet's checks, and some. */
const wellAgainMs = 2_500;

type Before = Awaited<ReturnType<Shop['service']['remains']>>;

/** Runs a drill to its end, with nobody killed. */
export async function undisturbed({ service, post }: Shop, ...more: readonly string[]) {
  const before = await service.remains();
  const startedMs = clock.nowMs();
  const drill = post.drill('run', 'lose-north', ...more);
  const injected = injectedAfter(drill, startedMs);
  const ran = await bounded(endsWithinMs, 'the drill to end', drill.ended);
  const tookMs = clock.nowMs() - startedMs;
  const left = await untilAsBefore(service, before);
  await pause(wellAgainMs);
  return { ...ran, life: { tookMs, injectingMs: (await injected) ?? tookMs }, left };
}

const injecting = / {2}injecting$/m;

/** `null`: it ended without. */
function injectedAfter(drill: Running, startedMs: number): Promise<number | null> {
  return drill.said(injecting).then(
    () => clock.nowMs() - startedMs,
    () => null,
  );
}

export type Life = { readonly injectingMs: number; readonly tookMs: number };

/** Of the kills that may fall anywhere, so many fall before the injection, which is most of the time. */
const shareBefore = 0.3;

/** Counted from the injection on where it comes after it: how long it takes until then depends on the machine. */
async function untilShare(share: number, victim: Victim, life: Life, drill: Running): Promise<void> {
  const { injectingMs, tookMs } = life;
  if (victim !== 'restorer' && share < shareBefore) return pause((share / shareBefore) * injectingMs);
  await drill.said(injecting);
  // A restorer is there from shortly before the injection on.
  const from = victim === 'restorer' ? 0 : shareBefore;
  await pause(((share - from) / (1 - from)) * Math.max(0, tookMs - injectingMs));
}

/** Shorter than the shortest moment; one that is missed all the same ends the drill as if nobody had aimed. */
const journalEveryMs = 5;

async function untilMoment(moment: Moment, now: () => Moment, drill: Running): Promise<void> {
  let isOver = false;
  void drill.ended.then(() => (isOver = true));
  while (!isOver && now() !== moment) await pause(journalEveryMs);
}

/** How long the drill took instead, and its injection, when it was over before the moment had come. */
export async function killIn(world: World, shop: Shop, kill: Kill, life: Life): Promise<Outcome | Life> {
  const { service, post } = shop;
  const [before, wanted] = [await service.remains(), await service.wanted()];
  const drills = drillsIn(post.evidenceDir);
  const startedMs = clock.nowMs();
  const drill = post.drill('run', 'lose-north');
  const injected = injectedAfter(drill, startedMs);
  const now = (): Moment => momentIn(post.evidenceDir, drills);
  const { aim } = kill;
  const struck = 'share' in aim ? untilShare(aim.share, kill.victim, life, drill) : untilMoment(aim.moment, now, drill);
  const isOver = await Promise.race([drill.ended.then(() => true), struck.then(() => false).catch(() => true)]);
  const tookMs = clock.nowMs() - startedMs;
  const moment = now();
  const victim = isOver ? null : await strike(world, shop, drill, kill.victim);
  const struckMs = clock.nowMs();
  const { code } = await bounded(endsWithinMs, `the runner to end after the ${victim} was killed`, drill.ended);
  const mended = await untilWanted(service, wanted, mendedWithinMs).catch(() => false);
  const mendedMs = mended ? clock.nowMs() - struckMs : null;
  const recovered = await recover(post);
  const left = [...(await untilAsBefore(service, before)), ...recovered];
  await pause(wellAgainMs);
  const injectingMs = await injected;
  // One that was refused tells nothing of how long others take.
  if (victim === null) return injectingMs === null ? life : { injectingMs, tookMs };
  return { victim, moment, code, mendedMs, left };
}

/** Who was killed: where there is no restorer yet, or any more, its runner. */
async function strike(world: World, { service, post }: Shop, drill: Running, victim: Victim): Promise<Victim> {
  if (victim === 'aggregator') {
    await post.killAggregator();
    return victim;
  }
  if (victim === 'restorer' && world.kubelet.kill(service.namespaces.north) > 0) return victim;
  drill.kill('SIGKILL');
  return 'runner';
}

/** Until it finds nobody at work; what keeps it from that. */
export async function recover(post: Shop['post']): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    const { code, stdout, stderr } = await post.recover();
    if (code === 0) return [];
    if (code !== 4 || attempt === 5) return [`drill recover ended with ${code}: ${stdout}${stderr}`];
  }
}

/** Resolves when a drill would find the fleet healthy: rounds of when a region was away are in nobody's way any more. */
export function untilWell(post: Shop['post']): Promise<true> {
  return until(settledWithinMs, 'the fleet to be well', async () => {
    const { stdout, stderr } = await bounded(endsWithinMs, 'the plan', post.drill('plan', 'lose-north').ended);
    return `${stdout}${stderr}`.includes('guard.fleet-healthy') ? undefined : true;
  });
}

/** Resolves when all workloads are to have the replicas that they had. */
export function untilWanted(service: Shop['service'], wanted: string, limitMs: number): Promise<boolean> {
  return until(limitMs, 'the replicas', async () => ((await service.wanted()) === wanted ? true : undefined));
}

/** What is still not as before when the time is up. */
export async function untilAsBefore(service: Shop['service'], before: Before): Promise<readonly string[]> {
  let left: readonly string[] = [];
  await until(
    settledWithinMs,
    'everything to be as before',
    async () => {
      left = differences(before, await service.remains());
      return left.length === 0 ? true : undefined;
    },
    lookEveryMs,
  ).catch(() => undefined);
  return left;
}
