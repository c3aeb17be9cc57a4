/** What of a cloud account is felt in a whole drill, and an account as a process sees it that may die. */
import type { Account } from '../../chaos/account.ts';
import type { FakeAccount } from './account.ts';

export type CloudPart = {
  readonly account: FakeAccount;
  /** Whether us-east-1 answers, and whether names lead there. */
  serves(): boolean;
  leads(): boolean;
};

/** Resolves to whether the process still lives, once it is awake. */
type Alive = () => Promise<boolean>;

/** Of a process that is dead no call is made, and none that is under way is answered. */
export function whileAlive(account: Account, isAlive: Alive): Account {
  return {
    zone: async (id, role) => mortal(await account.zone(id, role), isAlive),
    services: async (place) => mortal(await account.services(place), isAlive),
    schedules: async (place) => mortal(await account.schedules(place), isAlive),
    close: account.close,
  };
}

function mortal<T extends object>(target: T, isAlive: Alive): T {
  return new Proxy(target, {
    get(of, key): unknown {
      const value: unknown = Reflect.get(of, key);
      if (typeof value !== 'function') return value;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        if (!(await isAlive())) return new Promise<never>(() => undefined);
        const answer: unknown = await Reflect.apply(value, of, given);
        return (await isAlive()) ? answer : new Promise<never>(() => undefined);
      };
    },
  });
}
