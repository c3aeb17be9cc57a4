/** What drills ask of a cloud account: its zone's records, services, and one-shot schedules. All reject with a `Trouble`. */
import type { RecordSet } from '../zone/records.ts';
import type { Change } from '../zone/validate.ts';

/** Where calls go, and as whom: `null` is as whoever runs the program. */
export type AwsPlace = { readonly region: string; readonly role: string | null };

export type ZoneRecords = {
  /** With the final dot. */
  readonly zone: string;
  readonly records: readonly RecordSet[];
  /** `api.agent.example. A`: record sets that say more than the model knows. They could not be put back as they were. */
  readonly strange: readonly string[];
};

/** A zone whose records can be changed. A batch is all or nothing. */
export type ZoneWriter = {
  records(signal: AbortSignal): Promise<ZoneRecords>;
  /**
   * Resolves once it is accepted; a batch that meets another state than it names is `taken`. An
   * earlier change that is under way is waited for, within a bound.
   */
  change(changes: readonly Change[], comment: string, signal: AbortSignal): Promise<void>;
  /** Whether every name server has the last change that was made through this. */
  isInSync(signal: AbortSignal): Promise<boolean>;
};

export type ServiceRef = { readonly cluster: string; readonly service: string };

export type ServiceState = {
  readonly arn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** The id of the deployment that is rolled out: another one after every other change of the service. */
  readonly deployment: string;
  /** `REPLICA`, `DAEMON`: only the first has a count. */
  readonly strategy: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** Container services with a desired count. There is no compare-and-set. */
export type Services = {
  /** `null`: there is none, or it is being deleted. */
  service(ref: ServiceRef, signal: AbortSignal): Promise<ServiceState | null>;
  setCount(ref: ServiceRef, count: number, signal: AbortSignal): Promise<void>;
  /** `null` takes the tag away. */
  tag(arn: string, tag: { readonly key: string; readonly value: string | null }, signal: AbortSignal): Promise<void>;
};

/** What a schedule does in the account, when its time has come and nobody is there any more. */
export type AccountAction =
  | { readonly kind: 'change-records'; readonly zone: string; readonly changes: readonly Change[] }
  | ({ readonly kind: 'set-count'; readonly count: number } & ServiceRef)
  | { readonly kind: 'tag-service'; readonly arn: string; readonly key: string; readonly value: string };

/**
 * How AWS's schedules spell the members of a request. Its own pages leave it open for names like `TTL`: so a drill asks
 * the account itself, before anything is touched.
 */
export type Spelling = 'sdk' | 'api';

export type OneShot = {
  readonly name: string;
  /** By the account's clock, epoch milliseconds; whole seconds count. It begins within a minute after. */
  readonly atMs: number;
  readonly description: string;
  /** Whom the schedule acts as. */
  readonly role: string;
  readonly action: AccountAction;
};

export type ScheduleState = {
  readonly description: string;
  readonly atMs: number;
  /** When it was made, by the account's clock. */
  readonly createdAtMs: number;
};

/** Schedules that act once and then delete themselves. */
export type Schedules = {
  /** The one that was last seen to work. */
  spelling: Spelling;
  /** `taken` when there is one of that name. */
  create(schedule: OneShot, signal: AbortSignal): Promise<void>;
  /** Puts it in the place of the one of its name; `false`: there is none any more. */
  replace(schedule: OneShot, signal: AbortSignal): Promise<boolean>;
  read(name: string, signal: AbortSignal): Promise<ScheduleState | null>;
  /** Also where there is none. */
  remove(name: string, signal: AbortSignal): Promise<void>;
};

/** Opens each once; what has been opened is kept for the next who asks. */
export type Account = {
  zone(id: string, role: string | null): Promise<ZoneWriter>;
  services(place: AwsPlace): Promise<Services>;
  schedules(place: AwsPlace): Promise<Schedules>;
  close(): void;
};

/** Who may change what once its Lease is another's: nobody. `ensure` rejects then. */
export function fencedAccount(account: Account, ensure: (signal: AbortSignal) => Promise<void>): Account {
  return {
    ...account,
    async zone(id, role) {
      const zone = await account.zone(id, role);
      return {
        ...zone,
        async change(changes, comment, signal) {
          await ensure(signal);
          await zone.change(changes, comment, signal);
        },
      };
    },
    async services(place) {
      const services = await account.services(place);
      return {
        ...services,
        async setCount(ref, count, signal) {
          await ensure(signal);
          await services.setCount(ref, count, signal);
        },
      };
    },
    async schedules(place) {
      const schedules = await account.schedules(place);
      return {
        ...schedules,
        get spelling() {
          return schedules.spelling;
        },
        set spelling(spelling) {
          schedules.spelling = spelling;
        },
        async create(schedule, signal) {
          await ensure(signal);
          await schedules.create(schedule, signal);
        },
        async replace(schedule, signal) {
          await ensure(signal);
          return schedules.replace(schedule, signal);
        },
      };
    },
  };
}
