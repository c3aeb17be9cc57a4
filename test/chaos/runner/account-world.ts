/** A drill's world with a cloud account: a zone that leads to us-east-1, and two services there. */
import type { FaultPlan } from '../../../scenarios/faults.ts';
import type { DrillPlan, Scenario } from '../../../scenarios/scenario.ts';
import { cluster, type FakeAccount, fakeAccount } from '../../fakes/account.ts';
import type { CloudPart } from '../../fakes/account-drill.ts';
import type { FakeClock } from '../../fakes/clock.ts';
import { type DrillWorld, drillWorld } from '../../fakes/drill-world.ts';
import { checked, geo, values, zoneOf } from '../../zone/records.ts';

export const region = 'us-east-1';
const role = 'arn:aws:iam::000000000001:role/drills';
const undoRole = 'arn:aws:iam::000000000001:role/undo';

const north = geo(checked(values('api', '127.1.0.1'), '127.1.0.1'), 'north', { continent: 'NA' });
const zone = zoneOf(
  values('us-east-1', '127.1.0.1'),
  values('eu-west-1', '127.2.0.1'),
  north,
  geo(checked(values('api', '127.2.0.1'), '127.2.0.1'), 'rest', { country: '*' }),
);

export const kinds = [
  ['records', { kind: 'records', region }],
  ['ecs-service', { kind: 'ecs-service', region }],
] as const satisfies readonly (readonly [string, FaultPlan])[];

export type World = DrillWorld & { readonly account: FakeAccount };

export async function worldOf(fault: FaultPlan, more: Partial<DrillPlan> = {}): Promise<World> {
  const parts: CloudPart[] = [];
  const world = await drillWorld({
    drill: { fault, ...more },
    cloud(clock) {
      const part = cloudPart(clock);
      parts.push(part);
      return part;
    },
  });
  const [part] = parts;
  if (part === undefined) throw new Error('no account');
  const options = { ...world.options, scenario: inAccount(world.options.scenario) };
  return Object.assign(world, { account: part.account, options });
}

function cloudPart(clock: FakeClock): CloudPart {
  const services = ['api', 'worker'].map((name) => ({ cluster, name, desiredCount: 3 }));
  const account = fakeAccount({ zone, services, clock });
  return {
    account,
    serves: () => account.desired('api') > 0,
    leads: () => toNorth(account) === '127.1.0.1',
  };
}

export function toNorth(account: FakeAccount): string | undefined {
  const record = account.zoneNow().records.find(({ setIdentifier }) => setIdentifier === 'north');
  return record?.target.kind === 'values' ? record.target.values[0] : undefined;
}

function inAccount(scenario: Scenario): Scenario {
  const ecs = { cluster, services: ['api', 'worker'] };
  const home = { ...scenario.regions[region], aws: { region, role, undoRole, ecs } } as Scenario['regions'][string];
  const { zone } = scenario;
  if (zone === null) throw new Error('no zone');
  return { ...scenario, regions: { ...scenario.regions, [region]: home }, zone: { ...zone, role, undoRole } };
}

/** All that a drill could have changed, as users have it. */
export function serviceOf({ account }: World) {
  const records = account
    .zoneNow()
    .records.filter(({ name, type }) => !name.startsWith('_blackstart') && type !== 'NS' && type !== 'SOA');
  return { records: sorted(records), counts: ['api', 'worker'].map(account.desired) };
}

/** And all that only a drill puts there. */
export function leftBy(world: World) {
  const { account } = world;
  const markers = account.zoneNow().records.filter(({ name }) => name.startsWith('_blackstart'));
  const tags = ['api', 'worker'].map(account.tagsOf);
  return { markers, tags, schedules: account.schedulesNow(), leases: [...world.cluster.leases.keys()] };
}

export const nothing = { markers: [], tags: [{}, {}], schedules: { Schedules: [] }, leases: [] };

function sorted(values: readonly unknown[]): readonly string[] {
  return values.map((value) => JSON.stringify(value)).toSorted();
}
