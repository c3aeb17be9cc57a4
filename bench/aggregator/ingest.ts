/** Results committed a second, and what a million of them costs: of ours over a real link, of others by remote write. */
import { sleep, systemClock } from '../../contract/clock.ts';
import { hasReceived, type RemoteServer, remoteServers } from './peers.ts';
import { inFolder, type Peer, start } from './programs.ts';
import { pump, sender, token } from './sender.ts';
import type { Figures } from './table.ts';

const clock = systemClock();
const agents = 4;
const checks = 200;
/** One result is the ten samples of a blackbox probe. */
const samplesPerResult = 10;
const warmUpMs = 2_000;
const measuredMs = 8_000;
/** What a server does later with what it took belongs to the price. */
const afterwardsMs = 2_000;

export const fleet = `${agents} agents × ${checks} checks, ${(agents * checks * samplesPerResult).toLocaleString('en')} series of ten samples a result`;

export async function ownIngest(file: string): Promise<Figures> {
  return inFolder(async (dir) => {
    const measured = await start(file, [dir, token, String(checks)]);
    const senders = await Promise.all(
      Array.from({ length: agents }, (_, index) => sender(measured.url, `vantage-${index}`, checks)),
    );
    const total = (): number => senders.reduce((sum, one) => sum + one.acked(), 0);
    const send = async (forMs: number): Promise<void> => {
      const untilMs = clock.nowMs() + forMs;
      await Promise.all(senders.map((one) => pump(one, () => untilMs)));
    };
    await send(warmUpMs);
    const before = { acked: total(), atMs: clock.nowMs(), spent: await measured.spent() };
    await send(measuredMs);
    const tookMs = clock.nowMs() - before.atMs;
    const results = total() - before.acked;
    await sleep(clock, afterwardsMs);
    const spent = await measured.spent();
    for (const one of senders) one.close();
    await measured.stop();
    return {
      perSecond: (results / tookMs) * 1_000,
      cpuSecondsPerMillion: (spent.cpuMs - before.spent.cpuMs) / 1_000 / (results / 1_000_000),
      rssBytes: spent.rssBytes,
    };
  });
}

/** The same label sets, ten metrics each. */
const rounds = { warmUp: 25, measured: 125 };

export async function peerIngest(server: RemoteServer): Promise<Figures> {
  return inFolder(async (dir) => {
    const peer: Peer = await server.start(dir);
    try {
      const requests = remoteServers.requests(agents * checks, rounds.warmUp + rounds.measured);
      await remoteServers.post(peer.url + server.writePath, requests.slice(0, rounds.warmUp));
      const before = { atMs: clock.nowMs(), cpuMs: peer.spent().cpuMs };
      await remoteServers.post(peer.url + server.writePath, requests.slice(rounds.warmUp));
      const tookMs = clock.nowMs() - before.atMs;
      await sleep(clock, afterwardsMs);
      const { cpuMs, rssBytes } = peer.spent();
      await hasReceived(peer, server);
      const results = agents * checks * rounds.measured;
      return {
        perSecond: (results / tookMs) * 1_000,
        cpuSecondsPerMillion: (cpuMs - before.cpuMs) / 1_000 / (results / 1_000_000),
        rssBytes,
      };
    } finally {
      await peer.stop();
    }
  });
}
