import type { Clock } from '../../contract/clock.ts';

/** What a door remembers of one connection. Times are on the lab's clock. */
export type ConnectionLog = {
  readonly id: number;
  readonly source: string;
  readonly openedAtMs: number;
  /** `null` while it is open. */
  readonly closedAtMs: number | null;
  /** The newest answers sent on it, oldest first. */
  readonly answers: readonly ConnectionAnswer[];
};
export type ConnectionAnswer = {
  readonly atMs: number;
  readonly path: string;
  readonly status: number;
  /** A pod answered; `false` for the door and the platform. */
  readonly byPod: boolean;
};

/** One connection, as the door that holds it writes it down. */
export type Connection = ConnectionLog & {
  readonly roundTripMs: number;
  answered(answer: ConnectionAnswer): void;
  closed(): void;
};

/** Answers kept per connection, and closed connections kept in all; older ones are forgotten first. */
const keptAnswers = 500;
const keptClosed = 500;

export type Connections = {
  open(source: string, roundTripMs: number): Connection;
  all(): readonly ConnectionLog[];
};

export function connections(clock: Clock): Connections {
  let lastId = 0;
  const open = new Set<Connection>();
  const gone: Connection[] = [];

  return {
    open(source, roundTripMs) {
      lastId += 1;
      const answers: ConnectionAnswer[] = [];
      let closedAtMs: number | null = null;
      const connection: Connection = {
        id: lastId,
        source,
        roundTripMs,
        openedAtMs: clock.nowMs(),
        get closedAtMs() {
          return closedAtMs;
        },
        answers,
        answered(answer) {
          answers.push(answer);
          if (answers.length > keptAnswers) answers.shift();
        },
        closed() {
          if (!open.delete(connection)) return;
          closedAtMs = clock.nowMs();
          gone.push(connection);
          if (gone.length > keptClosed) gone.shift();
        },
      };
      open.add(connection);
      return connection;
    },
    all: () => [...gone, ...open].map(snapshot),
  };
}

function snapshot({ id, source, openedAtMs, closedAtMs, answers }: Connection): ConnectionLog {
  return { id, source, openedAtMs, closedAtMs, answers: [...answers] };
}
