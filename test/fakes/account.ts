/** A cloud account as faults see it: the lab's own stores, asked without a network, in time that a test moves. */
import type { Account, Schedules, Services, ZoneWriter } from '../../chaos/account.ts';
import { targetOf } from '../../chaos/cloud/aws/universal.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { Cancel, Clock } from '../../contract/clock.ts';
import { isObject, type Json } from '../../contract/json.ts';
import { ecsStore, type LabService } from '../../lab/aws/ecs.ts';
import { AwsRefusal } from '../../lab/aws/refusal.ts';
import { schedulerStore } from '../../lab/aws/scheduler.ts';
import { universalTargets } from '../../lab/aws/universal.ts';
import { zoneStore } from '../../lab/route53/store.ts';
import type { Zone } from '../../zone/records.ts';
import type { Change } from '../../zone/validate.ts';
import { checkFor } from '../lab-route53/lab.ts';

/** `dies-…`: the process is gone before the call, after it, or while it is on its way. */
export type Mishap = 'refused-before' | 'lost-after' | 'late' | 'dies-before' | 'dies-after' | 'dies-late';

export type FakeAccount = Account & {
  readonly zoneNow: () => Zone;
  desired(service: string): number;
  tagsOf(service: string): Json;
  schedulesNow(): Json;
  readonly fired: readonly string[];
  calls(): number;
  mishap(call: number, how: Mishap): void;
  land(): void;
  /** Resolves when the process is gone: then no call is made any more. */
  readonly death: Promise<void>;
  /** Another process: its calls are made. */
  revive(): void;
  /** Somebody else's doing, past all of it. */
  byHand(changes: readonly Change[]): void;
  scaleByHand(service: string, count: number): void;
};

type Options = {
  readonly zone: Zone;
  readonly services?: readonly LabService[];
  readonly clock: Clock;
  readonly spelling?: 'sdk' | 'api';
  /** Whether schedules do what they are made for. */
  readonly schedulesAct?: boolean;
};

export const cluster = 'agents';

export function fakeAccount({ zone, services = [], clock, spelling, schedulesAct = true }: Options): FakeAccount {
  const ecs = ecsStore('us-east-1', services);
  const due = dueTimers(clock);
  const store = zoneStore(
    { zone, healthChecks: ['127.1.0.1', '127.2.0.1', '127.3.0.1'].map(checkFor), insyncMs: [0, 0] },
    { clock: { ...clock, after: atOnce }, random: () => 0 },
  );
  const targets = universalTargets(ecs, store, spelling);
  const idle = Object.fromEntries(Object.keys(targets).map((operation) => [operation, () => undefined]));
  const scheduler = schedulerStore({ region: 'us-east-1', targets: schedulesAct ? targets : idle }, due.clock);
  const line = calls(due.run);

  const writer: ZoneWriter = {
    records: (signal) =>
      line.make(signal, () => ({ zone: store.zone().name, records: store.zone().records, strange: [] })),
    async change(changes, comment, signal) {
      // A change of the lab's zone is under way for some turns of its promises.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      await line.make(signal, () => {
        const done = store.submit(changes, comment);
        if (!done.ok)
          throw new Trouble(done.code === 'InvalidChangeBatch' ? 'taken' : 'rejected', done.messages.join('; '));
      });
    },
    isInSync: (signal) => line.make(signal, () => true),
  };
  const ecsServices: Services = {
    service: ({ cluster: of, service }, signal) =>
      line.make(signal, () => {
        const answer = ecs.run('DescribeServices', { cluster: of, services: [service], include: ['TAGS'] });
        return stateOf(answer);
      }),
    setCount: ({ cluster: of, service }, desiredCount, signal) =>
      line.make(signal, () => void ecs.run('UpdateService', { cluster: of, service, desiredCount })),
    tag: (resourceArn, { key, value }, signal) =>
      line.make(signal, () => {
        if (value === null) ecs.run('UntagResource', { resourceArn, tagKeys: [key] });
        else ecs.run('TagResource', { resourceArn, tags: [{ key, value }] });
      }),
  };
  const schedules: Schedules = {
    spelling: 'sdk',
    create: (one, signal) => line.make(signal, () => void scheduler.create(one.name, bodyOf(one, schedules.spelling))),
    replace: (one, signal) =>
      line.make(signal, () => orNull(() => scheduler.update(one.name, bodyOf(one, schedules.spelling))) !== null),
    read: (name, signal) =>
      line.make(signal, () => {
        const found = orNull(() => scheduler.get(name));
        if (!isObject(found)) return null;
        return {
          description: String(found['Description']),
          atMs: 0,
          createdAtMs: Number(found['CreationDate']) * 1_000,
        };
      }),
    remove: (name, signal) => line.make(signal, () => void orNull(() => scheduler.remove(name))),
  };
  return {
    zone: async () => writer,
    services: async () => ecsServices,
    schedules: async () => schedules,
    close: () => undefined,
    zoneNow: store.zone,
    desired: (service) => ecs.desired(cluster, service),
    tagsOf(service) {
      const answer = ecs.run('DescribeServices', { cluster, services: [service], include: ['TAGS'] });
      return stateOf(answer)?.tags ?? null;
    },
    schedulesNow() {
      due.run();
      return scheduler.list('');
    },
    get fired() {
      return scheduler.fired.map(({ operation, refused }) => (refused === null ? operation : `${operation} refused`));
    },
    byHand(changes) {
      const done = store.submit(changes, null);
      if (!done.ok) throw new Error(done.messages.join('; '));
    },
    scaleByHand: (service, desiredCount) => void ecs.run('UpdateService', { cluster, service, desiredCount }),
    ...line.control,
  };
}

function stateOf(answer: Json) {
  const found = isObject(answer) && Array.isArray(answer['services']) ? answer['services'][0] : undefined;
  if (!isObject(found)) return null;
  const deployments = found['deployments'] as readonly { readonly id: string }[];
  const tags = (found['tags'] ?? []) as readonly { readonly key: string; readonly value: string }[];
  return {
    arn: String(found['serviceArn']),
    desiredCount: Number(found['desiredCount']),
    runningCount: Number(found['runningCount']),
    deployment: deployments[0]?.id ?? '',
    strategy: String(found['schedulingStrategy']),
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  };
}

function bodyOf(one: Parameters<Schedules['create']>[0], spelling: 'sdk' | 'api'): Json {
  const { operation, input } = targetOf(one.action, spelling);
  const at = new Date(Math.ceil(one.atMs / 1_000) * 1_000).toISOString().slice(0, 19);
  return {
    ScheduleExpression: `at(${at})`,
    Description: one.description,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: {
      Arn: `arn:aws:scheduler:::aws-sdk:${operation}`,
      RoleArn: one.role,
      Input: JSON.stringify(input),
      RetryPolicy: { MaximumRetryAttempts: 0 },
    },
  };
}

function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === 'ResourceNotFoundException') return null;
    throw error;
  }
}

function atOnce(_delayMs: number, run: () => void): Cancel {
  run();
  return () => undefined;
}

/** Timers of the account itself: they run when somebody asks it anything, by the time it is then. */
function dueTimers(clock: Clock) {
  type Timer = { readonly dueMs: number; readonly run: () => void };
  const timers = new Set<Timer>();
  return {
    clock: {
      ...clock,
      after(delayMs: number, run: () => void): Cancel {
        const timer = { dueMs: clock.nowMs() + delayMs, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    run(): void {
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= clock.nowMs()).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) return;
        timers.delete(next);
        next.run();
      }
    },
  };
}

/** Counts calls, and lets one go wrong. */
function calls(beforeEach: () => void) {
  let made = 0;
  let wrong: { readonly call: number; readonly how: Mishap } | null = null;
  let late: (() => unknown)[] = [];
  let isDead = false;
  let died: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });

  function dying(how: Mishap, work: () => unknown): Promise<never> {
    if (how === 'dies-after') work();
    if (how === 'dies-late') late.push(work);
    isDead = true;
    died();
    return new Promise(() => undefined);
  }

  function make<T>(signal: AbortSignal, work: () => T): Promise<T> {
    beforeEach();
    const call = made;
    made += 1;
    if (isDead) return new Promise(() => undefined);
    if (signal.aborted) return Promise.reject(signal.reason);
    const how = wrong?.call === call ? wrong.how : null;
    if (how === null) return answered(work);
    if (how.startsWith('dies')) return dying(how, work);
    if (how === 'refused-before') return Promise.reject(new Trouble('unreachable', 'no answer'));
    if (how === 'lost-after') {
      return answered(work).then(() => Promise.reject(new Trouble('unreachable', 'no answer')));
    }
    late.push(work);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
  return {
    make,
    control: {
      calls: () => made,
      mishap(call: number, how: Mishap): void {
        wrong = { call, how };
      },
      land(): void {
        for (const work of late.splice(0)) {
          try {
            work();
          } catch {
            // Refused: which is what is hoped for.
          }
        }
        late = [];
      },
      death,
      revive(): void {
        isDead = false;
      },
    },
  };
}

/** As an API would say it: a refusal of the lab's stores by its name. */
async function answered<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    const kinds: Readonly<Record<string, 'taken' | 'missing'>> = {
      ConflictException: 'taken',
      ResourceNotFoundException: 'missing',
    };
    throw new Trouble(kinds[error.code] ?? 'rejected', error.message, { cause: error });
  }
}
