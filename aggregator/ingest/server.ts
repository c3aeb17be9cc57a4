/** `WS /agent`: who may connect, how many, and telling all of them something. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BurstRequest } from '../../contract/api.ts';
import { closeCodes, maxFrameBytes } from '../../contract/wire.ts';
import type { Admission } from './admission.ts';
import { burstFrame } from './burst-frame.ts';
import { isElsewhere } from './hold.ts';
import type { LinkHost } from './host.ts';
import { linkOver, refuse } from './link.ts';
import { serveAgent } from './session.ts';
import { closedSentence, type Visitor } from './session-state.ts';

export type AgentServer = {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): void;
  /** Hands the current assignment to all agents. */
  assign(): void;
  burst(burst: BurstRequest): number;
  acknowledge(agent: string, boot: string, seq: number): void;
  /** Tells all agents that we go away, and waits until they are gone. */
  stop(): Promise<void>;
};

/** More than a fleet has; beyond it connections are told to come back later. */
const maxConnections = 4_096;
/** Connections that have not said hello: the oldest is told to come back later, so that who does say it gets in. */
const maxSilent = 512;
/** Frames in pieces: an agent of ours sends each whole. */
const maxFragments = 1_024;

export function agentServer(host: LinkHost): AgentServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    maxFragments,
    perMessageDeflate: false,
  });
  const silent = new Set<WebSocket>();
  const greeted = new Set<WebSocket>();
  let stopping = false;

  function overloaded(peer: WebSocket, from: string, reason: string): void {
    const code = closeCodes.overloaded;
    host.counts.refused(code);
    host.complain('link', reason, { code, reason, from }, closedSentence);
    linkOver(peer, host.clock).close(code, reason);
  }

  function serve(peer: WebSocket, visitor: Visitor): void {
    const [oldest] = silent;
    if (silent.size >= maxSilent && oldest !== undefined) {
      silent.delete(oldest);
      oldest.removeAllListeners('message');
      overloaded(oldest, visitor.from, 'too many connections without a hello');
    }
    silent.add(peer);
    peer.once('close', () => {
      silent.delete(peer);
      greeted.delete(peer);
    });
    serveAgent(peer, host, visitor, () => {
      silent.delete(peer);
      greeted.add(peer);
    });
  }

  return {
    upgrade(request, socket, head, admission) {
      server.handleUpgrade(request, socket, head, (peer) => {
        peer.on('error', () => undefined);
        const from = request.socket.remoteAddress ?? '';
        if (admission.kind === 'refused') {
          host.counts.refused(closeCodes.notAllowed);
          host.complain(
            from,
            'admission',
            { code: closeCodes.notAllowed, reason: admission.why, from },
            closedSentence,
          );
          return refuse(peer, host.clock, admission.why);
        }
        if (stopping) return linkOver(peer, host.clock).close(closeCodes.goingAway, 'going away');
        if (greeted.size >= maxConnections) return overloaded(peer, from, 'too many connections');
        serve(peer, { from, admission });
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
