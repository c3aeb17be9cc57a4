/**
 * UDP sockets for questions, each connected to one server, so that the kernel passes on only what comes from there, and
 * tells when that refuses. One is used for several questions, one after the other: to make one costs more than to ask.
 */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';

export type UdpSockets = {
  /** One that nobody uses, or a new one. Whoever has it gives it back or closes it. */
  take(server: HostPort, sourceAddress: string | null): UdpSocket;
  /** Closes those that nobody uses. */
  close(): void;
};

export type UdpSocket = {
  /** Sends, as soon as it is connected. */
  send(message: Buffer): void;
  hearer: { readonly message: (bytes: Buffer) => void; readonly error: (error: Error) => void } | undefined;
  /** Its question was answered: another may use it. */
  giveBack(): void;
  /** Its question was not answered. An answer that comes late must not meet the next question. */
  close(): void;
};

/**
 * After so many questions, or so long, they are asked from another port: whoever wants to forge an answer has to guess it.
 * Each socket has a number of its own, so that those that were made together are not renewed together.
 */
const mostQuestions = { least: 64, most: 128 };
const longestMs = 120_000;
const maxIdle = 8_192;

/** Those of one server and one source address that nobody uses. */
type Pool = { readonly port: number; readonly sourceAddress: string | null; idle: OwnSocket[] };

/** `clock: null`: each question has a socket of its own. */
export function udpSockets(clock: Clock | null): UdpSockets {
  /** By the server's host: to join all that tells pools apart into one text would take as long as to make the question. */
  const pools = new Map<string, Pool[]>();
  let idleCount = 0;
  let closed = false;
  let sweptAtMs = clock?.nowMs() ?? 0;

  function poolOf({ host, port }: HostPort, sourceAddress: string | null): Pool | undefined {
    return pools.get(host)?.find((pool) => pool.port === port && pool.sourceAddress === sourceAddress);
  }
  function newPool({ host, port }: HostPort, sourceAddress: string | null): Pool {
    const pool: Pool = { port, sourceAddress, idle: [] };
    const others = pools.get(host);
    if (others === undefined) pools.set(host, [pool]);
    else others.push(pool);
    return pool;
  }
  function keep(socket: OwnSocket, server: HostPort, sourceAddress: string | null): void {
    if (clock === null || closed || idleCount >= maxIdle || socket.isWorn) {
      socket.close();
      return;
    }
    const pool = poolOf(server, sourceAddress) ?? newPool(server, sourceAddress);
    pool.idle.push(socket);
    idleCount += 1;
  }
  function keepOnly(pool: Pool, isKept: (socket: OwnSocket) => boolean): void {
    const before = pool.idle.length;
    pool.idle = pool.idle.filter(isKept);
    idleCount -= before - pool.idle.length;
  }

  /** Of servers that nobody asks any more. */
  function sweep(nowMs: number): void {
    if (nowMs - sweptAtMs < longestMs) return;
    sweptAtMs = nowMs;
    const isFresh = (socket: OwnSocket): boolean => nowMs - socket.openedAtMs < longestMs;
    for (const [host, ofHost] of pools) {
      for (const pool of ofHost) {
        for (const socket of pool.idle) if (!isFresh(socket)) socket.close();
        keepOnly(pool, isFresh);
      }
      const used = ofHost.filter(({ idle }) => idle.length > 0);
      if (used.length === 0) pools.delete(host);
      else pools.set(host, used);
    }
  }

  return {
    take(server, sourceAddress) {
      const nowMs = clock?.nowMs() ?? 0;
      sweep(nowMs);
      const pool = poolOf(server, sourceAddress);
      for (let socket = pool?.idle.pop(); socket !== undefined; socket = pool?.idle.pop()) {
        idleCount -= 1;
        if (nowMs - socket.openedAtMs < longestMs) return socket;
        socket.close();
      }
      const socket: OwnSocket = new OwnSocket(server, sourceAddress, nowMs, {
        // Not the pool of now: one that stood empty may be gone by then.
        idle: () => keep(socket, server, sourceAddress),
        broken() {
          const itsPool = poolOf(server, sourceAddress);
          if (itsPool !== undefined) keepOnly(itsPool, (other) => other !== socket);
        },
      });
      return socket;
    },
    close() {
      for (const pool of [...pools.values()].flat()) for (const socket of pool.idle) socket.close();
      pools.clear();
      closed = true;
      idleCount = 0;
    },
  };
}

type Told = { readonly idle: () => void; readonly broken: () => void };

class OwnSocket implements UdpSocket {
  hearer: UdpSocket['hearer'];
  readonly openedAtMs: number;
  readonly #socket: Socket;
  readonly #told: Told;
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #waiting: Buffer | undefined;
  #questionsLeft = randomInt(mostQuestions.least, mostQuestions.most + 1);

  constructor(server: HostPort, sourceAddress: string | null, openedAtMs: number, told: Told) {
    this.openedAtMs = openedAtMs;
    this.#told = told;
    this.#socket = createSocket(isIP(server.host) === 6 ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes) => this.hearer?.message(bytes));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.once('connect', () => this.#connected());
    this.#socket.bind({ address: sourceAddress ?? undefined, port: 0, exclusive: true }, () => {
      if (this.#state === 'opening') this.#socket.connect(server.port, server.host);
    });
  }
  send(message: Buffer): void {
    this.#questionsLeft -= 1;
    if (this.#state === 'open') this.#socket.send(message);
    else this.#waiting = message;
  }
  get isWorn(): boolean {
    return this.#questionsLeft <= 0;
  }
  giveBack(): void {
    this.hearer = undefined;
    if (this.#state === 'closed') return;
    this.#told.idle();
  }
  close(): void {
    this.hearer = undefined;
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket.close();
  }
  #connected(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    if (this.#waiting !== undefined) this.#socket.send(this.#waiting);
    this.#waiting = undefined;
  }
  #fail(error: Error): void {
    const { hearer } = this;
    this.close();
    if (hearer === undefined) this.#told.broken();
    else hearer.error(error);
  }
}
