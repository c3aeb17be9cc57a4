/** What 100,000 series cost to give out: ours, those of others, and how long ours holds up what else there is to do. */
import { parseExposition } from '../../aggregator/metrics/parse-exposition.ts';
import { systemClock } from '../../contract/clock.ts';
import { type RemoteServer, remoteServers } from './peers.ts';
import { inFolder, type Measured, start } from './programs.ts';
import { pump, type Sender, sender, token } from './sender.ts';
import { type Answered, median } from './table.ts';

const clock = systemClock();
const wantedSeries = 100_000;
/** One label set has its histogram, two phases and its outcome. */
const seriesPerLabelSet = 28;
const vantages = 20;
const checks = Math.ceil(wantedSeries / seriesPerLabelSet / vantages);
export const labelSets = vantages * checks;
const answers = 10;
const federate = `/federate?match[]=${encodeURIComponent('{__name__=~".+"}')}`;

export type Exposed = {
  readonly metrics: Answered;
  readonly federate: Answered;
  /** While results come in and both are asked for all the time. */
  readonly together: { readonly pauseMs: number; readonly pauseP99Ms: number; readonly perSecond: number };
  /** The series themselves. */
  readonly text: string;
};

export async function ownExposition(file: string): Promise<Exposed> {
  return inFolder(async (dir) => {
    const measured = await start(file, [dir, token, String(checks)]);
    const senders: Sender[] = [];
    for (let index = 0; index < vantages; index += 1) {
      const one = await sender(measured.url, `vantage-${index}`, checks);
      senders.push(one);
      one.send(checks);
      await one.waitFor(checks);
    }
    const metrics = await answered(measured, '/metrics');
    const federated = await answered(measured, federate);
    const text = await read(measured.url, '/metrics');
    const together = await alsoSending(measured, senders);
    for (const one of senders) one.close();
    await measured.stop();
    return { metrics, federate: federated, together, text };
  });
}

export async function clientExposition(file: string): Promise<Answered> {
  const measured = await start(file, [String(labelSets)]);
  const found = await answered(measured, '/');
  await measured.stop();
  return found;
}

/** The very same series, written to it. */
export async function peerFederation(server: RemoteServer, text: string): Promise<Answered> {
  return inFolder(async (dir) => {
    const peer = await server.start(dir);
    try {
      const families = parseExposition(text, false);
      if (typeof families === 'string') throw new Error(families);
      await remoteServers.post(peer.url + server.writePath, remoteServers.requestsFor(families));
      return await answered({ url: peer.url, spent: () => Promise.resolve(peer.spent()) }, federate);
    } finally {
      await peer.stop();
    }
  });
}

async function answered(from: Pick<Measured, 'url' | 'spent'>, path: string): Promise<Answered> {
  const text = await read(from.url, path);
  await read(from.url, path);
  const tookMs: number[] = [];
  const before = await from.spent();
  for (let time = 0; time < answers; time += 1) {
    const beganMs = clock.nowMs();
    await read(from.url, path);
    tookMs.push(clock.nowMs() - beganMs);
  }
  const after = await from.spent();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  return {
    cpuMs: (after.cpuMs - before.cpuMs) / answers,
    tookMs: median(tookMs),
    series,
    bytes: text.length,
    rssBytes: after.rssBytes,
  };
}

const sending = { agents: 4, perSecond: 25_000, forMs: 10_000 } as const;

async function alsoSending(measured: Measured, senders: readonly Sender[]): Promise<Exposed['together']> {
  const some = senders.slice(0, sending.agents);
  const acked = (): number => some.reduce((sum, one) => sum + one.acked(), 0);
  const ackedBefore = acked();
  await measured.spent();
  const beganMs = clock.nowMs();
  const untilMs = beganMs + sending.forMs;
  const reading = async (): Promise<void> => {
    while (clock.nowMs() < untilMs) {
      await read(measured.url, '/metrics');
      await read(measured.url, federate);
    }
  };
  await Promise.all([reading(), ...some.map((one) => pump(one, () => untilMs, sending.perSecond))]);
  const { pauseMs, pauseP99Ms } = await measured.spent();
  return { pauseMs, pauseP99Ms, perSecond: ((acked() - ackedBefore) / (clock.nowMs() - beganMs)) * 1_000 };
}

/** Not packed: what packing costs is the same for everybody. */
async function read(url: string, path: string): Promise<string> {
  const answer = await fetch(url + path, { headers: { 'accept-encoding': 'identity' } });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.text();
}
