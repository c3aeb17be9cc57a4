/** `fault: { scale-to-zero: us-east-1 }`: one kind, and what it needs. */
import type { FaultName, FaultPlan, SwitchboardPlan } from '../faults.ts';
import { secret } from './exchange.ts';
import type { Names } from './names.ts';
import { dictionary, list, object, optional, type Read, required } from './reader.ts';
import { durationMs, number, oneOf, text, url } from './values.ts';

/** What stands behind each kind's name. */
type Readers = { readonly [K in FaultName]: Read<FaultPlan> };

const hostPort = text('an address with its port, such as 192.0.2.53:53', /^[^\s/]+:\d{1,5}$/);

export function fault(names: Names): Read<FaultPlan> {
  const readers = readersOf(names);
  const kinds = Object.keys(readers) as FaultName[];
  const known = object(
    Object.fromEntries(kinds.map((kind) => [kind, optional<FaultPlan, null>(readers[kind], null)] as const)),
  );
  return (value, at) => {
    const found = known(value, at);
    if (found === undefined) return undefined;
    const [plan, ...more] = Object.values(found).filter((one) => one !== null);
    if (plan !== undefined && more.length === 0) return plan;
    return at.note(
      `${more.length === 0 ? 'no kind' : `${more.length + 1} kinds`} of fault`,
      `one of ${kinds.join(', ')}`,
    );
  };
}

function readersOf(names: Names): Readers {
  const onCluster = oneOf(names.reachable, 'a region with kubernetes workloads: none has any');
  const scaleTo = object({
    region: required(onCluster),
    share: required(number(0, 0.99, 'a share of the replicas that stay')),
  });
  const region = oneOf(names.regions);
  const nameServer = object({ region: required(region), address: required(hostPort) });
  return {
    'scale-to-zero': made(onCluster, (region) => ({ kind: 'scale-to-zero', region })),
    'health-route': made(region, (named) => ({ kind: 'health-route', region: named })),
    edge: edge(region),
    partition: partition(names),
    'name-server': made(nameServer, (found) => ({ kind: 'name-server', ...found })),
    'scale-to': made(scaleTo, (found) => ({ kind: 'scale-to', ...found })),
    records: made(oneOf(names.withZone, 'a zone in the scenario: it names none'), (region) => ({
      kind: 'records',
      region,
    })),
    'ecs-service': made(oneOf(names.onEcs, 'a region with "aws.ecs": none has any'), (region) => ({
      kind: 'ecs-service',
      region,
    })),
  };
}

function edge(region: Read<string>): Read<FaultPlan> {
  const read = object({
    region: required(region),
    how: required(oneOf(['latency', 'refuse', 'black-hole', 'reset'])),
    add: optional(durationMs(1, 60_000), null),
  });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const { how, add } = found;
    if (how === 'latency' && add === null) return at.in('add').note('nothing', 'how much later, such as 300ms');
    if (how !== 'latency' && add !== null) return at.in('add').note('a duration', 'no such key: only latency adds one');
    return { kind: 'edge', region: found.region, how, addMs: add ?? 0 };
  };
}

function partition(names: Names): Read<FaultPlan> {
  const read = object({ between: required(list(oneOf(names.regions), 2)) });
  return (value, at) => {
    const found = read(value, at);
    if (found === undefined) return undefined;
    const [region, from, ...more] = found.between;
    if (region === undefined || from === undefined || region === from || more.length > 0) {
      return at.in('between').note(found.between.join(', '), 'two regions: the first is the one whose loss is judged');
    }
    return { kind: 'partition', region, from };
  };
}

function made<T, U>(read: Read<T>, make: (found: T) => U): Read<U> {
  return (value, at) => {
    const found = read(value, at);
    return found === undefined ? undefined : make(found);
  };
}

/** Where each region's switchboard is; regions that have none are left out. */
export function switchboards(names: Names): Read<Readonly<Record<string, SwitchboardPlan>>> {
  const region = oneOf(names.regions);
  return dictionary(object({ url: required(url), token: optional(secret, null) }), region);
}
