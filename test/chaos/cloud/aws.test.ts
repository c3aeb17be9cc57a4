/** An account through the AWS SDK itself, over sockets, against the lab's stand-ins. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OneShot } from '../../../chaos/account.ts';
import { type Aws, aws } from '../../../chaos/cloud/aws.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import { type Clock, sleep } from '../../../contract/clock.ts';
import { drillRole, readerRole, startAws, undoRole } from '../../lab-aws/lab.ts';
import { agentZone, values } from '../../zone/records.ts';

const open = new AbortController().signal;
const ref = { cluster: 'agents', service: 'api' };

let lab: Awaited<ReturnType<typeof startAws>>;
let account: Aws;
beforeEach(async () => {
  lab = await startAws();
  account = aws(lab.clock);
});
afterEach(async () => {
  account.close();
  await lab.close();
});

/** Time stands still: waits are counted and over at once, deadlines alone are real. */
function standingClock(waitsMs: number[]): Clock {
  const real = lab.clock;
  const startMs = real.nowMs();
  return {
    nowMs: () => startMs,
    wallMs: real.wallMs,
    after(delayMs, run) {
      if (delayMs >= shortestDeadlineMs) return real.after(delayMs, run);
      waitsMs.push(delayMs);
      return real.after(0, run);
    },
  };
}

const shortestDeadlineMs = 10_000;

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(lab.clock, 20);
}

describe('the records of a zone', () => {
  test('a batch is made as a whole, and is in sync when all name servers have it', async () => {
    const zone = await account.zone(agentZone.id, null);
    await zone.change([{ action: 'CREATE', record: values('one', '127.8.0.1') }], 'a test', open);
    await until(() => zone.isInSync(open));
    const { records, strange } = await zone.records(open);
    expect(records).toContainEqual(values('one', '127.8.0.1'));
    expect(strange).toEqual([]);
  });

  test('a batch that names another state changes nothing, and is "taken"', async () => {
    const zone = await account.zone(agentZone.id, null);
    const batch = [
      { action: 'DELETE', record: values('eu', '127.9.9.9') },
      { action: 'CREATE', record: values('two', '127.8.0.1') },
    ] as const;
    await expect(zone.change(batch, 'a test', open)).rejects.toMatchObject({ kind: 'taken' });
    expect((await zone.records(open)).records.map(({ name }) => name)).not.toContain('two.agent.test.');
  });

  test('every kind of record of the zone can be deleted and made again as it was', async () => {
    const zone = await account.zone(agentZone.id, null);
    const before = (await zone.records(open)).records;
    const own = before.filter(({ type }) => type !== 'NS' && type !== 'SOA');
    const batch = [
      ...own.map((record) => ({ action: 'DELETE', record }) as const),
      ...own.map((record) => ({ action: 'CREATE', record }) as const),
    ];
    await zone.change(batch, 'a test', open);
    expect((await zone.records(open)).records).toEqual(before);
  });

  test('a change while another is under way is waited for', async () => {
    const zone = await account.zone(agentZone.id, null);
    await zone.change([{ action: 'CREATE', record: values('three', '127.8.0.1') }], 'a test', open);
    await zone.change([{ action: 'DELETE', record: values('three', '127.8.0.1') }], 'a test', open);
    expect((await zone.records(open)).records.map(({ name }) => name)).not.toContain('three.agent.test.');
  });

  test("answers are those of the zone's own servers, for clients of a subnet", async () => {
    const zone = await account.zone(agentZone.id, null);
    const answer = await zone.answer({ name: 'eu.agent.test', type: 'A', subnet: '192.0.2.0/24' }, open);
    expect(answer).toMatchObject({ code: 'NOERROR', values: ['127.2.0.1'] });
  });
});

describe('a role', () => {
  test('is assumed, and calls are made as it', async () => {
    const services = await account.services({ region: 'eu-west-1', role: drillRole });
    expect(await services.service(ref, open)).toMatchObject({ desiredCount: 3, tags: {}, strategy: 'REPLICA' });
    expect(lab.api.calls.map(({ operation, key }) => [operation, key])).toEqual([
      ['AssumeRole', 'lab'],
      ['DescribeServices', 'role-drills'],
    ]);
  });

  test('that may not be assumed is one sentence', async () => {
    const services = await account.services({ region: 'eu-west-1', role: undoRole });
    const error: unknown = await services.service(ref, open).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Trouble);
    expect(error).toMatchObject({ kind: 'forbidden' });
    expect(String(error)).toContain('ECS in eu-west-1: service agents/api: ');
  });

  test('shares the pace of its account with every other zone and role there', async () => {
    const waitsMs: number[] = [];
    const paced = aws(standingClock(waitsMs));
    onTestFinished(paced.close);
    const roles = [drillRole, readerRole, drillRole];
    const zones = await Promise.all(roles.map((role) => paced.zone(agentZone.id, role)));
    await Promise.all(zones.flatMap((zone) => [1, 2, 3].map(() => zone.records(open))));
    // Two requests each, eighteen in all: five without a wait, and then five more for each second.
    const second = 1_050;
    const waits = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3].map((seconds) => seconds * second);
    expect(waitsMs.toSorted((a, b) => a - b)).toEqual(waits);
  });
});

test('services are scaled and tagged', async () => {
  const services = await account.services({ region: 'eu-west-1', role: null });
  const arn = (await services.service(ref, open))?.arn ?? '';
  await services.setCount(ref, 0, open);
  await services.tag(arn, { key: 'blackstart.dev/drill', value: 'drill=d1 state=armed original=3' }, open);
  expect(await services.service(ref, open)).toMatchObject({
    desiredCount: 0,
    tags: { 'blackstart.dev/drill': 'drill=d1 state=armed original=3' },
  });
  await services.tag(arn, { key: 'blackstart.dev/drill', value: null }, open);
  expect((await services.service(ref, open))?.tags).toEqual({});
  expect(await services.service({ ...ref, service: 'none' }, open)).toBeNull();
  await expect(services.setCount({ ...ref, service: 'none' }, 1, open)).rejects.toMatchObject({ kind: 'missing' });
});

describe('a schedule', () => {
  const one = (atMs: number, action: OneShot['action']): OneShot => ({
    name: 'blackstart-test',
    atMs,
    description: 'mends for drill d1 when nobody else does',
    role: undoRole,
    action,
  });
  const count = { kind: 'set-count', ...ref, count: 7 } as const;

  test('is made once, moved on, read and removed', async () => {
    const schedules = await account.schedules({ region: 'eu-west-1', role: null });
    const atMs = Math.ceil(lab.clock.wallMs() / 1_000) * 1_000 + 600_000;
    await schedules.create(one(atMs, count), open);
    await expect(schedules.create(one(atMs, count), open)).rejects.toMatchObject({ kind: 'taken' });
    expect(await schedules.replace(one(atMs + 1_000, count), open)).toBe(true);
    const read = await schedules.read('blackstart-test', open);
    expect(read).toMatchObject({ atMs: atMs + 1_000, description: 'mends for drill d1 when nobody else does' });
    expect(Math.abs((read?.createdAtMs ?? 0) - lab.clock.wallMs())).toBeLessThan(60_000);
    await schedules.remove('blackstart-test', open);
    await schedules.remove('blackstart-test', open);
    expect(await schedules.read('blackstart-test', open)).toBeNull();
    expect(await schedules.replace(one(atMs, count), open)).toBe(false);
    expect(lab.ecs.desired('agents', 'api')).toBe(3);
  });

  test('really sets the count at its time, and is gone then', async () => {
    const schedules = await account.schedules({ region: 'eu-west-1', role: null });
    await schedules.create(one(lab.clock.wallMs(), count), open);
    await until(() => lab.scheduler.fired.length > 0);
    expect(lab.ecs.desired('agents', 'api')).toBe(7);
    expect(await schedules.read('blackstart-test', open)).toBeNull();
  });

  test('really changes records at its time, aliases and time to live included', async () => {
    const schedules = await account.schedules({ region: 'eu-west-1', role: null });
    const alias = agentZone.records.find(({ target }) => target.kind === 'alias') ?? values('none');
    const changes = [
      { action: 'CREATE', record: values('four', '127.8.0.4') },
      { action: 'DELETE', record: alias },
    ] as const;
    await schedules.create(one(lab.clock.wallMs(), { kind: 'change-records', zone: agentZone.id, changes }), open);
    await until(() => lab.scheduler.fired.length > 0);
    expect(lab.scheduler.fired).toMatchObject([{ refused: null }]);
    const { records } = lab.route53.store.zone();
    expect(records).toContainEqual(values('four', '127.8.0.4'));
    expect(records).not.toContainEqual(alias);
  });
});
