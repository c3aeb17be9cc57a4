/** EventBridge Scheduler: schedules that act once, on universal targets, and really do so when their time has come. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import { isObject, type Json } from '../../contract/json.ts';
import { AwsRefusal } from './refusal.ts';

type Body = { readonly [key: string]: Json };
type Kept = { readonly body: Body; readonly createdAtMs: number; readonly modifiedAtMs: number; cancel: Cancel };

/** What a schedule did, or why it could not. */
export type Fired = { readonly name: string; readonly operation: string; readonly refused: string | null };

export type SchedulerStore = {
  create(name: string, body: Json): Json;
  update(name: string, body: Json): Json;
  get(name: string): Json;
  remove(name: string): Json;
  list(prefix: string): Json;
  /** The oldest first. */
  readonly fired: readonly Fired[];
  close(): void;
};

export type SchedulerOptions = {
  readonly region: string;
  /** Universal targets by their operation, `ecs:updateService`; throws what it refuses. */
  readonly targets: Readonly<Record<string, (input: Json) => void>>;
  /** After its time, at most: "within a minute". */
  readonly lateMs?: number;
};

const nameRule = /^[0-9a-zA-Z-_.]{1,64}$/;
const targetRule = /^arn:aws[\w-]*:scheduler:::aws-sdk:([a-z0-9]+:[a-zA-Z0-9]+)$/;
const retryEveryMs = 60_000;
const longestTimerMs = 2_000_000_000;

export function schedulerStore({ region, targets, lateMs = 0 }: SchedulerOptions, clock: Clock): SchedulerStore {
  const kept = new Map<string, Kept>();
  const fired: Fired[] = [];
  const arnOf = (name: string): string => `arn:aws:scheduler:${region}:000000000000:schedule/default/${name}`;

  function keep(name: string, body: Body, createdAtMs: number): Json {
    kept.get(name)?.cancel();
    const atMs = validated(name, body);
    const modifiedAtMs = clock.wallMs();
    const one: Kept = { body, createdAtMs, modifiedAtMs, cancel: () => undefined };
    kept.set(name, one);
    if (body['State'] !== 'DISABLED') wait(name, one, atMs + lateMs, retriesOf(body));
    return { ScheduleArn: arnOf(name) };
  }

  function wait(name: string, one: Kept, atMs: number, retries: number): void {
    const leftMs = Math.max(0, atMs - clock.wallMs());
    one.cancel = clock.after(Math.min(leftMs, longestTimerMs), () => {
      if (leftMs > longestTimerMs) wait(name, one, atMs, retries);
      else fire(name, one, retries);
    });
  }

  function fire(name: string, one: Kept, retries: number): void {
    const { operation, input } = targetIn(one.body);
    const refused = outcomeOf(operation, input);
    fired.push({ name, operation, refused });
    if (refused !== null && retries > 0) wait(name, one, clock.wallMs() + retryEveryMs, retries - 1);
    else if (one.body['ActionAfterCompletion'] === 'DELETE') kept.delete(name);
  }

  function outcomeOf(operation: string, input: Json): string | null {
    try {
      targets[operation]?.(input);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Like the service, it looks only at the form of a target: whether it works shows when it acts. */
  function validated(name: string, body: Body): number {
    if (!nameRule.test(name)) throw invalid(`Value '${name}' at 'name' failed to satisfy constraint`);
    const expression = body['ScheduleExpression'];
    const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(typeof expression === 'string' ? expression : '')?.[1];
    const atMs = Date.parse(`${at}Z`);
    if (Number.isNaN(atMs)) throw invalid('Invalid Schedule Expression.');
    if ((body['ScheduleExpressionTimezone'] ?? 'UTC') !== 'UTC') throw invalid('only UTC is known here');
    const window = body['FlexibleTimeWindow'];
    if (!isObject(window) || typeof window['Mode'] !== 'string') throw invalid('FlexibleTimeWindow is missing');
    const target = body['Target'];
    const role = isObject(target) ? target['RoleArn'] : undefined;
    if (typeof role !== 'string' || !/^arn:aws[\w-]*:iam::\d{12}:role\/./.test(role)) {
      throw invalid('Provided role ARN is not valid');
    }
    const { operation } = targetIn(body);
    if (targets[operation] === undefined) throw invalid(`Provided Arn is not in correct format: ${operation}`);
    return atMs;
  }

  function known(name: string): Kept {
    const one = kept.get(name);
    if (one === undefined) throw new AwsRefusal('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return one;
  }

  return {
    fired,
    create(name, body) {
      if (kept.has(name)) throw new AwsRefusal('ConflictException', `Schedule ${name} already exists.`, 409);
      return keep(name, isObject(body) ? (body as Body) : {}, clock.wallMs());
    },
    update: (name, body) => keep(name, isObject(body) ? (body as Body) : {}, known(name).createdAtMs),
    get(name) {
      const { body, createdAtMs, modifiedAtMs } = known(name);
      const at = { CreationDate: createdAtMs / 1_000, LastModificationDate: modifiedAtMs / 1_000 };
      return { State: 'ENABLED', ...body, Arn: arnOf(name), Name: name, GroupName: 'default', ...at };
    },
    remove(name) {
      known(name).cancel();
      kept.delete(name);
      return {};
    },
    list(prefix) {
      const names = [...kept.keys()].filter((name) => name.startsWith(prefix)).toSorted();
      return { Schedules: names.map((Name) => ({ Name, GroupName: 'default', Arn: arnOf(Name), State: 'ENABLED' })) };
    },
    close() {
      for (const one of kept.values()) one.cancel();
      kept.clear();
    },
  };
}

function targetIn(body: Body): { readonly operation: string; readonly input: Json } {
  const target = body['Target'];
  const arn = isObject(target) && typeof target['Arn'] === 'string' ? target['Arn'] : '';
  const text = isObject(target) && typeof target['Input'] === 'string' ? target['Input'] : '{}';
  try {
    return { operation: targetRule.exec(arn)?.[1] ?? arn, input: JSON.parse(text) as Json };
  } catch {
    throw invalid('Target input is no JSON');
  }
}

function retriesOf(body: Body): number {
  const target = body['Target'];
  const policy = isObject(target) ? target['RetryPolicy'] : undefined;
  const retries = isObject(policy) ? policy['MaximumRetryAttempts'] : undefined;
  return typeof retries === 'number' ? retries : 185;
}

function invalid(message: string): AwsRefusal {
  return new AwsRefusal('ValidationException', message);
}
