/** What an agent's frames mean, from its hello to the end of the connection. */
import type { WebSocket } from 'ws';
import { closeCodes, type FromAgent, type Hello, type Hold, type Pong, parseFromAgent } from '../../contract/wire.ts';
import { withExchange } from '../clock-offset.ts';
import { whyNot } from './admission.ts';
import { burstFrame } from './burst-frame.ts';
import { heldAfter } from './hold.ts';
import type { LinkHost } from './host.ts';
import { linkOver, refuse } from './link.ts';
import type { Agent } from './roster.ts';
import {
  type Counting,
  closedSentence,
  end,
  heard,
  later,
  type Session,
  type Timed,
  type Visitor,
} from './session-state.ts';
import { takeFrame } from './take.ts';

const pingEveryMs = 1_000;
/** Right after the hello the clocks are compared several times, so that the first results have tight bounds already. */
const firstPingsMs = [0, 20, 50, 100, 200];
const helloWithinMs = 10_000;
/** Results wait so long for the first comparison of clocks, no longer: not every agent answers. */
const settleWithinMs = 500;
const silentAfterMs = 30_000;
/** Frames that may arrive before the hello is answered and the clocks are compared. */
const maxEarlyFrames = 256;
/** What of them is held; nothing more is read then until they are counted. */
const maxEarlyBytes = 4 * 1_048_576;
/** Marks that wait for results before them to be counted. */
const maxMarks = 64;

/** Serves one connection until it is closed. Whatever is wrong with it harms no other. */
export function serveAgent(socket: WebSocket, host: LinkHost, visitor: Visitor, onGreeted: () => void): void {
  const { from } = visitor;
  const session: Session = {
    socket,
    host,
    link: linkOver(socket, host.clock),
    visitor,
    cancels: new Set(),
    greeted: false,
    agent: undefined,
    heardAtMs: host.clock.nowMs(),
    early: [],
    earlyBytes: 0,
    paused: false,
  };
  socket.on('message', (data, isBinary) => {
    heard(session);
    if (isBinary) end(session, closeCodes.garbled, 'got a binary frame, want text');
    else read(session, data.toString(), onGreeted);
  });
  socket.on('pong', () => {
    heard(session);
  });
  socket.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code?.startsWith('WS_ERR') !== true) return;
    const code = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? closeCodes.tooLarge : closeCodes.garbled;
    host.counts.refused(code);
    const agent = session.agent?.agent ?? null;
    host.complain(agent ?? from, String(code), { code, reason: error.message, agent, from }, closedSentence);
  });
  socket.on('close', () => {
    for (const cancel of session.cancels) cancel();
    host.roster.leave(session.link);
  });
  later(session, helloWithinMs, () => {
    if (!session.greeted) end(session, closeCodes.garbled, `no hello within ${helloWithinMs} ms`);
  });
}

function read(session: Session, text: string, onGreeted: () => void): void {
  const parsed = parseFromAgent(text);
  if (!parsed.ok) {
    end(session, parsed.code, parsed.reason);
    return;
  }
  const { frame } = parsed;
  session.host.counts.frame(frame.type);
  if (session.greeted) handle(session, { frame, text, atMs: session.heardAtMs });
  else if (frame.type === 'hello') {
    onGreeted();
    greet(session, frame);
  } else end(session, closeCodes.garbled, `got ${frame.type}, want hello first`);
}

function handle(session: Session, got: Timed<FromAgent>): void {
  const { frame, atMs } = got;
  switch (frame.type) {
    case 'hello':
      end(session, closeCodes.garbled, 'got a second hello');
      break;
    case 'ping':
      session.link.send({ type: 'pong', t1: frame.t1, t2: atMs, t3: session.host.clock.nowMs() });
      break;
    case 'pong':
      compareClocks(session, frame, atMs);
      break;
    case 'results':
    case 'gap':
    case 'mark':
    case 'hold':
      if (session.early === undefined) count(session, { ...got, frame });
      else keepForLater(session, { ...got, frame });
      break;
  }
}

function keepForLater(session: Session, got: Timed<Counting>): void {
  session.early?.push(got);
  session.earlyBytes += got.text.length;
  if (session.earlyBytes > maxEarlyBytes) session.link.pause();
  if ((session.early?.length ?? 0) <= maxEarlyFrames) return;
  if (session.agent === undefined) end(session, closeCodes.overloaded, 'too much before the welcome');
  else settle(session);
}

function compareClocks(session: Session, pong: Pong, atMs: number): void {
  const { agent, host, link } = session;
  const exchange = link.answered(pong, atMs);
  if (exchange === undefined || agent === undefined) return;
  const restarts = agent.clock?.restarts ?? 0;
  agent.clock = withExchange(agent.clock, exchange);
  if ((agent.clock?.restarts ?? 0) > restarts) {
    host.onClockRestart(agent.vantage);
    host.log.warn({ agent: agent.agent }, "the agent's clock was stepped or its machine suspended: comparing afresh");
  }
  settle(session);
}

function greet(session: Session, hello: Hello): void {
  const { host, link } = session;
  session.greeted = true;
  const why = whyNot(session.visitor.admission, hello);
  if (why !== null) {
    turnAway(session, hello, why);
    return;
  }
  host.roster.claim(link, hello, host.clock.nowMs()).then(
    (claimed) => {
      if (claimed === 'taken') welcome(session, hello);
      else if (!link.open) return;
      else if (claimed === 'full') end(session, closeCodes.overloaded, 'too many agents are known');
      else end(session, closeCodes.duplicate, `agent ${hello.agent} is connected, with another boot`);
    },
    (error: unknown) => host.log.error({ error: String(error) }, 'an agent could not be admitted'),
  );
}

/** Said by the agent's name: several may come from one address. */
function turnAway({ socket, host, visitor: { from } }: Session, { agent, vantage }: Hello, why: string): void {
  host.counts.refused(closeCodes.notAllowed);
  host.complain(agent, 'admission', { agent, vantage, why, from }, 'an agent was refused');
  socket.removeAllListeners('message');
  refuse(socket, host.clock, why);
}

function welcome(session: Session, hello: Hello): void {
  const { host, link } = session;
  const agent = host.roster.agents.get(hello.agent);
  if (agent === undefined) return;
  session.agent = agent;
  const ackedSeq = host.sequences.committed(hello.agent, hello.boot);
  link.send({ type: 'welcome', ackedSeq, assignment: host.assignment(), pingEveryMs });
  host.onConnected(agent);
  for (const burst of host.bursts()) link.send(burstFrame(burst, agent.vantage, host.clock.nowMs()));
  for (const afterMs of firstPingsMs) later(session, afterMs, link.ask);
  later(session, settleWithinMs, () => settle(session));
  later(session, pingEveryMs, () => keepAsking(session));
}

function keepAsking(session: Session): void {
  if (session.host.clock.nowMs() - session.heardAtMs > silentAfterMs) {
    session.socket.terminate();
    return;
  }
  session.link.ask();
  session.socket.ping();
  later(session, pingEveryMs, () => keepAsking(session));
}

/** Counts what waited, now that the clocks are compared or nobody answered in time. */
function settle(session: Session): void {
  const frames = session.early;
  if (frames === undefined || session.agent === undefined) return;
  session.early = undefined;
  if (session.earlyBytes > maxEarlyBytes) session.link.resume();
  for (const frame of frames) if (session.link.open) count(session, frame);
}

function count(session: Session, got: Timed<Counting>): void {
  const { agent } = session;
  if (agent === undefined) return;
  const { frame } = got;
  if (frame.type === 'hold') takeHold(session, agent, frame);
  else if (frame.type !== 'mark') takeFrame(session, agent, { ...got, frame });
  else if (frame.boot === agent.boot) {
    agent.marks = [...agent.marks, { seq: frame.seq, throughMs: frame.roundsThroughMs }].slice(-maxMarks);
  }
}

function takeHold({ host }: Session, agent: Agent, frame: Hold): void {
  if (frame.boot !== agent.boot) return;
  const before = agent.held ?? null;
  agent.held = heldAfter(before, frame);
  host.onHeld(agent, before);
}
