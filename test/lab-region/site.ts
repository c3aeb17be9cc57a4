import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { certificateAuthority } from '../../lab/certificates.ts';
import { sharedPort } from '../../lab/network/ports.ts';
import { type LabRegionOptions, labRegion, type RunningRegion } from '../../lab/region/region.ts';
import { type FakePods, fakePods, podsIn } from '../fakes/pods.ts';

const authority = await certificateAuthority(systemClock());
export const { caPem } = authority;
const certificate = await authority.issue({ names: ['agent.test', '*.agent.test'], addresses: [] });

export const guard = { DE: ['EU'], FR: ['EU'], GB: ['EU'] };
export const jurisdictions = { 'us-east-1': 'US', 'eu-west-1': 'EU', 'ap-southeast-1': 'AP' };

/** Regions on addresses of their own, 127.`network`.0.1 and on, that share a port and a folder; all gone with `close`. */
export type Site = {
  readonly storeDir: string;
  readonly port: number;
  region(name: keyof typeof jurisdictions, changed?: Partial<LabRegionOptions>): Promise<Standing>;
  close(): Promise<void>;
};
export type Standing = RunningRegion & { readonly pods: FakePods };

export async function site(network: number, clock: Clock): Promise<Site> {
  const storeDir = mkdtempSync(join(tmpdir(), 'blackstart-region-'));
  const names = Object.keys(jurisdictions);
  const addressOf = (name: string): string => `127.${network}.0.${names.indexOf(name) + 1}`;
  const port = await sharedPort(names.map(addressOf));
  const standing: RunningRegion[] = [];
  return {
    storeDir,
    port,
    async region(name, changed = {}) {
      const pods = fakePods(podsIn('ready', 2));
      const options: LabRegionOptions = {
        name,
        plan: {
          jurisdiction: jurisdictions[name],
          workloads: { 'agent-api': 2 },
          serving: 'agent-api',
          place: 'new-york',
          roundTripMs: {},
          serviceMs: 0,
        },
        address: addressOf(name),
        port,
        certificate,
        pods,
        roundTripOf: () => 0,
        storeDir,
        guard,
        plants: [],
        darkForMs: () => 0,
        jurisdictions,
        ...changed,
      };
      const running = await labRegion(options, { clock, random: seededRandom(7), log: silent });
      standing.push(running);
      return { ...running, pods };
    },
    async close() {
      await Promise.all(standing.map((region) => region.close()));
      rmSync(storeDir, { recursive: true, force: true });
    },
  };
}

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};
export type Question = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `agent()` to keep the connection; a fresh one where there is none. */
  readonly agent?: Agent;
  readonly sourceAddress?: string;
  readonly signal?: AbortSignal;
};

/** One connection that is kept. */
export function keptConnection(options: AgentOptions = {}): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, ...options });
}

export async function ask(url: string, question: Question = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body = '', agent, sourceAddress, signal } = question;
  const outgoing = request(url, {
    method,
    agent: agent ?? false,
    ca: caPem,
    servername: 'api.agent.test',
    headers: { host: 'api.agent.test', ...headers },
    ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.setEncoding('utf8');
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: text };
}

/** Gives the event loop turns until `holds`; the test's own time limit ends it. */
export async function until(holds: () => boolean, turn: () => Promise<void> | void = () => undefined): Promise<void> {
  while (!holds()) {
    await turn();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
