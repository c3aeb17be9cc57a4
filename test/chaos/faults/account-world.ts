/** Both faults of a cloud account, on the lab's own stores. */

import type { Fault } from '../../../chaos/fault.ts';
import { ecsService } from '../../../chaos/faults/ecs-service.ts';
import { recordsFault } from '../../../chaos/faults/records.ts';
import { sleep } from '../../../contract/clock.ts';
import type { Json } from '../../../contract/json.ts';
import { cluster, type FakeAccount, fakeAccount } from '../../fakes/account.ts';
import { instantClock } from '../../fakes/instant-clock.ts';
import { agentZone, values } from '../../zone/records.ts';

const undo = { role: 'arn:aws:iam::000000000000:role/undo', region: 'us-east-1' };
const stray = values('stray', '127.9.0.1');
const halfAnHourMs = 30 * 60_000;

/** Time that jumps to the next timer, or where a test wants it. */
function skippingClock() {
  const clock = instantClock();
  let skippedMs = 0;
  return {
    nowMs: () => clock.nowMs() + skippedMs,
    wallMs: () => clock.wallMs() + skippedMs,
    after: clock.after,
    skip(byMs: number): void {
      skippedMs += byMs;
    },
  };
}

export type AccountWorld<Undo extends Json> = {
  readonly fault: Fault<Undo>;
  readonly account: FakeAccount;
  readonly clock: ReturnType<typeof skippingClock>;
  /** All that the fault could change; of a drill that is over once half an hour has passed: schedules have acted by then. */
  state(): Promise<Json>;
  /** What users are served by, after half an hour. */
  service(): Promise<Json>;
  calls(): number;
  mishap: FakeAccount['mishap'];
  land(): void;
  disturb(): void;
};

type Options = Pick<Parameters<typeof fakeAccount>[0], 'spelling' | 'schedulesAct'>;

export function recordsWorld(options: Options = {}) {
  const clock = skippingClock();
  const account = fakeAccount({ zone: agentZone, clock, ...options });
  const names = ['api.agent.test', 'standby.agent.test'];
  const place = { drill: 'd1', region: 'us-east-1', zone: agentZone.id, role: null, undo };
  const fault = recordsFault({ ...place, names, from: '127.1.0.1', to: '127.2.0.1' }, account, clock);
  return worldOf(fault, account, clock);
}

export function ecsWorld(options: Options = {}) {
  const clock = skippingClock();
  const services = ['api', 'worker'].map((name, index) => ({ cluster, name, desiredCount: 3 + index }));
  const account = fakeAccount({ zone: agentZone, services, clock, ...options });
  const place = { region: 'us-east-1', role: null };
  const target = { drill: 'd1', region: 'us-east-1', place, cluster, services: ['api', 'worker'], undo };
  return worldOf(ecsService(target, account, clock), account, clock);
}

function worldOf<Undo extends Json>(
  fault: Fault<Undo>,
  account: FakeAccount,
  clock: ReturnType<typeof skippingClock>,
): AccountWorld<Undo> {
  const own = (): Json => {
    const records = account
      .zoneNow()
      .records.filter(({ name, type }) => name !== stray.name && type !== 'NS' && type !== 'SOA');
    const sorted = records.map((record) => JSON.stringify(record)).toSorted();
    return { records: sorted, counts: ['api', 'worker'].map(account.desired) };
  };
  const passed = async (): Promise<void> => {
    await sleep(clock, halfAnHourMs);
    account.schedulesNow();
  };
  return {
    fault,
    account,
    clock,
    async state() {
      // Of a drill that is over a schedule may be left, for a call that may arrive late.
      const isOpen = JSON.stringify([account.zoneNow().records, tagsOf(account)]).includes('blackstart');
      if (!isOpen) await passed();
      return { ...(own() as object), tags: tagsOf(account), schedules: account.schedulesNow() } as Json;
    },
    async service() {
      await passed();
      const { records, counts } = own() as { readonly records: readonly string[]; readonly counts: Json };
      return { records: records.filter((text) => !text.includes('_blackstart')), counts };
    },
    calls: account.calls,
    mishap: account.mishap,
    /** What arrives so late is followed by the schedule that waited for it, before anybody looks. */
    land() {
      account.land();
      clock.skip(10 * 60_000);
      account.schedulesNow();
    },
    disturb: () => account.byHand([{ action: 'UPSERT', record: stray }]),
  };
}

function tagsOf(account: FakeAccount): Json {
  return ['api', 'worker'].map((service) => {
    try {
      return account.tagsOf(service);
    } catch {
      return null;
    }
  });
}
