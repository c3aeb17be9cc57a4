/** `WS /agent`: who may connect, how many, and telling all of them something. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { BurstRequest } from '../../contract/api.ts';
import { closeCodes, maxFrameBytes } from '../../contract/wire.ts';
import { burstFrame } from './burst-frame.ts';
import { isElsewhere } from './hold.ts';
import type { LinkHost } from './host.ts';
import { linkOver, refuse } from './link.ts';
import { serveAgent } from './session.ts';

export type AgentServer = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, allowed: boolean): void;
  /** Hands the current assignment to all agents. */
  assign(): void;
  burst(burst: BurstRequest): number;
  acknowledge(agent: string, boot: string, seq: number): void;
  /** Tells all agents that we go away, and waits until they are gone. */
  stop(): Promise<void>;
};

/** More than a fleet has; beyond it connections are told to come back later. */
const maxConnections = 4_096;

export function agentServer(host: LinkHost): AgentServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false });
  let stopping = false;

  return {
    upgrade(request, socket, head, allowed) {
      server.handleUpgrade(request, socket, head, (peer) => {
        peer.on('error', () => undefined);
        if (!allowed) {
          host.counts.refused(closeCodes.notAllowed);
          return refuse(peer, host.clock, 'want Authorization: Bearer with the token of this aggregator');
        }
        if (stopping) return linkOver(peer, host.clock).close(closeCodes.goingAway, 'going away');
        if (server.clients.size > maxConnections) {
          host.counts.refused(closeCodes.overloaded);
          return linkOver(peer, host.clock).close(closeCodes.overloaded, 'too many connections');
        }
        serveAgent(peer, host);
      });
    },
    assign() {
      const assignment = host.assignment();
      for (const { link } of host.roster.agents.values()) {
        link?.send({ type: 'assign', version: assignment.version, assignment });
      }
    },
    burst(burst) {
      let told = 0;
      for (const agent of host.roster.agents.values()) {
        if (agent.link === null) continue;
        agent.link.send(burstFrame(burst, agent.vantage, host.clock.nowMs()));
        // One that is at another aggregator is told in case it returns, and counted there.
        if (!isElsewhere(agent)) told += 1;
      }
      return told;
    },
    acknowledge(agent, boot, seq) {
      host.roster.agents.get(agent)?.link?.send({ type: 'ack', boot, seq });
    },
    async stop() {
      stopping = true;
      const gone = [...server.clients].map((peer) => {
        const closed = new Promise<void>((resolve) => peer.once('close', () => resolve()));
        linkOver(peer, host.clock).close(closeCodes.goingAway, 'going away');
        return closed;
      });
      await Promise.all(gone);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
