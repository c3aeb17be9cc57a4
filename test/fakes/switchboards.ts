/** Regions' switchboards without sockets: the lab's own rules, in simulated time, with calls that go wrong. */

import type { Setting, Switchboard } from '../../chaos/switchboard.ts';
import { Trouble } from '../../chaos/trouble.ts';
import { type Clock, sleep } from '../../contract/clock.ts';
import type { Json } from '../../contract/json.ts';
import { type Board, board, type Subject } from '../../lab/switchboard/board.ts';

export type SwitchboardCall = {
  readonly number: number;
  readonly name: string;
  readonly isWrite: boolean;
  readonly by: string;
};
export type SwitchboardFate = 'done' | 'refused-before' | 'lost-after' | 'late' | 'hangs';

export type FakeSwitchboards = {
  as(who: string): (region: string) => Switchboard | null;
  board(region: string): Board;
  readonly calls: readonly SwitchboardCall[];
  fate: (call: SwitchboardCall) => SwitchboardFate;
  /** Calls that went wrong `late` arrive now. */
  land(): void;
  /** No call of theirs is made or answered any more. */
  die(who: string): void;
  /** What is set, and whose it is; versions left out. */
  state(): Json;
  /** Somebody writes the same again. */
  touch(): void;
};

const anything: Subject = { refusal: () => null, apply: () => undefined };
const nameServer = 'name-server/127.0.0.53:53';

export function fakeSwitchboards(options: {
  readonly clock: Clock;
  readonly regions: readonly string[];
  readonly endsByItself?: boolean;
}): FakeSwitchboards {
  const { clock, regions } = options;
  const subjectsOf = (region: string): readonly string[] => [
    'door',
    'health-route',
    nameServer,
    ...regions.filter((other) => other !== region).map((other) => `peers/${other}`),
  ];
  const boards = new Map(
    regions.map((region) => [
      region,
      board(Object.fromEntries(subjectsOf(region).map((subject) => [subject, anything])), clock),
    ]),
  );
  const calls: SwitchboardCall[] = [];
  const landing: (() => void)[] = [];
  const dead = new Set<string>();

  function boardOf(region: string): Board {
    const found = boards.get(region);
    if (found === undefined) throw new Error(`no switchboard of ${region}`);
    return found;
  }

  const fake: FakeSwitchboards = {
    as: (who) => (region) => (boards.has(region) ? client(who, region) : null),
    board: boardOf,
    calls,
    fate: () => 'done',
    land() {
      for (const act of landing.splice(0)) act();
    },
    die: (who) => void dead.add(who),
    state: () =>
      regions.flatMap((region) =>
        subjectsOf(region).map((subject) => {
          const at = boardOf(region).read(subject);
          return { region, subject, setting: at?.setting ?? null, drill: at?.drill ?? null };
        }),
      ),
    touch() {
      for (const region of regions) {
        for (const subject of subjectsOf(region)) {
          const at = boardOf(region).read(subject);
          if (at === undefined) continue;
          const leaseMs = (at.endsAtMs ?? 0) - clock.nowMs();
          boardOf(region).set(subject, { setting: at.setting, drill: at.drill, leaseMs, ifVersion: at.version });
        }
      }
    },
  };
  return fake;

  function client(by: string, region: string): Switchboard {
    async function request<T>(name: string, isWrite: boolean, signal: AbortSignal, act: () => T): Promise<T> {
      signal.throwIfAborted();
      if (dead.has(by)) return new Promise<never>(() => undefined);
      const call = { number: calls.length, name, isWrite, by };
      calls.push(call);
      const fate = fake.fate(call);
      if (fate === 'done') return act();
      if (fate === 'refused-before') throw new Trouble('unreachable', `${name}: refused before it took effect`);
      if (fate === 'late') landing.push(() => void act());
      if (fate === 'lost-after') {
        act();
        throw new Trouble('unreachable', `${name}: the answer was lost`);
      }
      await sleep(clock, 10_000, signal);
      throw new Trouble('unreachable', `${name} gave no answer within 10 s`);
    }

    const at = boardOf(region);
    return {
      name: `the switchboard of ${region}`,
      read: (subject, signal) =>
        request('read', false, signal, (): Setting => {
          const found = at.read(subject);
          if (found === undefined) throw new Trouble('missing', `there is no ${subject}`);
          return { ...found, endsByItself: options.endsByItself ?? true };
        }),
      write: (seen, to, signal) =>
        request('write', true, signal, () => at.set(seen.subject, { ...to, ifVersion: seen.version }).kind === 'done'),
      renew: (subject, drill, leaseMs, signal) =>
        request('renew', true, signal, () => at.renew(subject, drill, leaseMs).kind === 'done'),
    };
  }
}

/** For worlds whose scenario names none. */
export function missing(region: string): never {
  throw new Error(`region ${region} has no switchboard here`);
}
