/** What looks after drills: recover, list, stop, judge. */

import { brokenSeals } from '../../chaos/evidence.ts';
import { readFacts } from '../../chaos/evidence-facts.ts';
import { exitOf, reportOf } from '../../chaos/judge.ts';
import { listDrills } from '../../chaos/list.ts';
import { type Notifier, notifier } from '../../chaos/notify/notifier.ts';
import { describeCanaries } from '../../chaos/recover/canaries.ts';
import { type Recovered, recover } from '../../chaos/recover.ts';
import { stopDrill } from '../../chaos/stop.ts';
import { Mistakes } from '../../contract/mistake.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { exitCodes } from '../exit.ts';
import type { Io } from '../io.ts';
import { canaryAccess } from './canaries.ts';
import { notifyTargets } from './notify.ts';
import { answer, cloudAccount, clusterOpener, type DrillFlags, fleetAt, given, switchboardOpener } from './options.ts';
import { told } from './run.ts';

export async function recoverCommand(flags: DrillFlags, io: Io): Promise<number> {
  const { scenario, urls, token } = await given(flags, { fleet: false });
  const say = flags.json === true ? io.stderr : io.stdout;
  const message = (text: string): void => void say.write(`${text}\n`);
  const notify = notifierFor(scenario, io, message);
  const recovered = await recover(
    { scenario, evidenceDir: flags.evidence },
    {
      clock: io.clock,
      random: io.random,
      openCluster: await clusterOpener(flags, io),
      account: await cloudAccount(io),
      openSwitchboard: switchboardOpener(io),
      fleet: fleetAt(urls, token, io),
      interrupt: io.signal,
      message,
      canaries: canaryAccess(io),
      ...(notify !== null && { notify }),
    },
  );
  const rows = recovered.drills.map((mended) => [mended.drill, mended.kind, saysOf(mended)]);
  rows.push(...recovered.canaries.map((one) => [one.drill, 'canaries', describeCanaries(one)]));
  answer(io, flags, recovered, [...rows, ...recovered.unread.map((text) => ['not asked', text])]);
  if (flags.json !== true && rows.length === 0 && recovered.unread.length === 0) io.stdout.write('nothing is open\n');
  return recovered.exit;
}

/** Whom it tells. What is missing for that keeps nobody from mending. */
function notifierFor(scenario: Scenario, io: Io, message: (text: string) => void): Notifier | null {
  try {
    const targets = notifyTargets(scenario, io.env);
    return targets.length === 0 ? null : notifier(targets, { clock: io.clock, message });
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    message(`nobody is told: ${error.message}`);
    return null;
  }
}

export async function listCommand(flags: DrillFlags, io: Io): Promise<number> {
  const scenario = flags.scenario === undefined ? null : (await given(flags, { fleet: false })).scenario;
  const listing = await listDrills(flags.evidence, scenario, {
    openCluster: await clusterOpener(flags, io),
    interrupt: io.signal,
  });
  const rows = listing.drills.map(({ drill, state, where, says }) => [drill, state, where, says]);
  answer(io, flags, listing, [...rows, ...listing.unread.map((text) => ['not asked', text])]);
  if (flags.json !== true && rows.length === 0 && listing.unread.length === 0) io.stdout.write('no drills\n');
  return listing.unread.length > 0 ? exitCodes.inconclusive : exitCodes.pass;
}

export async function stopCommand(id: string, flags: DrillFlags, io: Io): Promise<number> {
  const { scenario } = await given(flags, { fleet: false });
  const stopped = await stopDrill(id, scenario, flags.because ?? 'asked to by drill stop', {
    openCluster: await clusterOpener(flags, io),
    interrupt: io.signal,
  });
  answer(io, flags, { drill: id, ...stopped }, [
    [`asked the runner of ${id} in ${stopped.context} to stop and restore`],
  ]);
  return exitCodes.pass;
}

/** Recomputes a verdict from its evidence, and says whether the files are those that the runner sealed. */
export async function judgeCommand(dir: string, flags: DrillFlags, io: Io): Promise<number> {
  const report = reportOf(await readFacts(dir));
  const broken = await brokenSeals(dir);
  if (flags.json === true) io.stdout.write(`${JSON.stringify({ ...report, brokenSeals: broken }, null, 2)}\n`);
  else {
    for (const text of broken) io.stdout.write(`not as sealed: ${text}\n`);
    io.stdout.write(`${told(report, io)}\n`);
  }
  return broken.length > 0 ? exitCodes.inconclusive : exitOf(report);
}

function saysOf(mended: Recovered['drills'][number]): string {
  switch (mended.kind) {
    case 'mended':
      return [
        mended.changed ? 'replicas were put back' : 'replicas were right',
        ...mended.notes,
        ...mended.left.map((text) => `left behind, harmless: ${text}`),
      ].join('; ');
    case 'held':
      return `held by ${mended.holder}, which is alive: left to it`;
    case 'ended':
      return 'it ended while it was looked at';
    case 'not-restored':
      return `needs a person: ${mended.left.join('; ')}`;
  }
}
