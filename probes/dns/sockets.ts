/**
 * UDP sockets for questions, each connected to one server, so that the kernel passes on only what comes from there, and
 * tells when that refuses. One is used for several questions, one after the other: to make one costs more than to ask.
 */
import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../../contract/address.ts';
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
const mostQuestions = { least: 32, most: 96 };
const longestMs = 120_000;
const maxIdle = 8_192;

type Idle = { readonly socket: OwnSocket; readonly key: string };

/** `clock: null`: each question has a socket of its own. */
export function udpSockets(clock: Clock | null): UdpSockets {
  const idle = new Map<string, OwnSocket[]>();
  let idleCount = 0;
  let closed = false;
  let sweptAtMs = clock?.nowMs() ?? 0;

  function keep({ socket, key }: Idle): void {
    if (clock === null || closed || idleCount >= maxIdle || socket.isWorn) {
      socket.close();
      return;
    }
    const there = idle.get(key);
    if (there === undefined) idle.set(key, [socket]);
    else there.push(socket);
    idleCount += 1;
  }
  function forget(key: string, socket: OwnSocket): void {
    const others = idle.get(key)?.filter((other) => other !== socket) ?? [];
    idleCount -= (idle.get(key)?.length ?? 0) - others.length;
    if (others.length === 0) idle.delete(key);
    else idle.set(key, others);
  }

  /** Of servers that nobody asks any more. */
  function sweep(nowMs: number): void {
    if (nowMs - sweptAtMs < longestMs) return;
    sweptAtMs = nowMs;
    for (const [key, sockets] of idle) {
      for (const socket of sockets) {
        if (nowMs - socket.openedAtMs < longestMs) continue;
        socket.close();
        forget(key, socket);
      }
    }
  }

  return {
    take(server, sourceAddress) {
      const nowMs = clock?.nowMs() ?? 0;
      sweep(nowMs);
      const key = `${formatHostPort(server)} ${sourceAddress ?? ''}`;
      const there = idle.get(key);
      for (let socket = there?.pop(); socket !== undefined; socket = there?.pop()) {
        idleCount -= 1;
        if (nowMs - socket.openedAtMs < longestMs) return socket;
        socket.close();
      }
      const socket: OwnSocket = new OwnSocket(server, sourceAddress, nowMs, {
        idle: () => keep({ socket, key }),
        broken: () => forget(key, socket),
      });
      return socket;
    },
    close() {
      for (const sockets of idle.values()) for (const socket of sockets) socket.close();
      idle.clear();
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
