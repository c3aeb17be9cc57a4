/** `fault: { scale-to-zero: us-east-1 }`: one kind, and what it needs. */
import type { FaultName, FaultPlan } from '../faults.ts';
import type { Names } from './names.ts';
import { object, optional, type Read, required } from './reader.ts';
import { number, oneOf } from './values.ts';

/** What stands behind each kind's name. */
type Readers = { readonly [K in FaultName]: Read<FaultPlan> };

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
  return {
    'scale-to-zero': made(onCluster, (region) => ({ kind: 'scale-to-zero', region })),
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

function made<T, U>(read: Read<T>, make: (found: T) => U): Read<U> {
  return (value, at) => {
    const found = read(value, at);
    return found === undefined ? undefined : make(found);
  };
}
