/** The lab's ECS, schedules and roles answer in the shapes of another stand-in, and refuse with its codes. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAws } from '../../lab-aws/lab.ts';
import { motoPresent, startMoto } from '../route53/moto.ts';
import { shapeOf } from '../route53/shape.ts';

type Side = { readonly ecs: ECSClient; readonly scheduler: SchedulerClient; arn: string };
type Ask = (side: Side) => Promise<object>;

const ref = { cluster: 'agents', service: 'api' };
const tags = [{ key: 'blackstart.dev/drill', value: 'drill=d1 state=armed original=3' }];
const schedule = (Name: string, Description: string) => ({
  Name,
  Description,
  ScheduleExpression: 'at(2099-01-01T00:00:00)',
  ScheduleExpressionTimezone: 'UTC',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  ActionAfterCompletion: 'DELETE' as const,
  Target: {
    Arn: 'arn:aws:scheduler:::aws-sdk:ecs:updateService',
    RoleArn: 'arn:aws:iam::123456789012:role/undo',
    Input: '{"Cluster":"agents","Service":"api","DesiredCount":3}',
    RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 60 },
  },
});

/** What Amazon's API gives and moto leaves out. */
const notInMoto: ReadonlySet<string> = new Set(['GetSchedule.State: string']);
/** Amazon's API reference has 409 for it, moto 400. */
const conflict = ['ConflictException', 409];

/** In this order: each works on what those before it made. */
const asked: readonly (readonly [operation: string, ask: Ask])[] = [
  [
    'DescribeServices',
    async (side) => {
      const input = { cluster: ref.cluster, services: [ref.service], include: ['TAGS' as const] };
      const found = await side.ecs.send(new DescribeServicesCommand(input));
      side.arn = found.services?.[0]?.serviceArn ?? '';
      return found;
    },
  ],
  ['TagResource', ({ ecs, arn }) => ecs.send(new TagResourceCommand({ resourceArn: arn, tags }))],
  [
    'DescribeServices',
    ({ ecs }) =>
      ecs.send(new DescribeServicesCommand({ cluster: ref.cluster, services: [ref.service], include: ['TAGS'] })),
  ],
  [
    'UntagResource',
    ({ ecs, arn }) => ecs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: tags.map(({ key }) => key) })),
  ],
  ['UpdateService', ({ ecs }) => ecs.send(new UpdateServiceCommand({ ...ref, desiredCount: 0 }))],
  [
    'DescribeServices',
    ({ ecs }) => ecs.send(new DescribeServicesCommand({ cluster: ref.cluster, services: ['none'] })),
  ],
  ['CreateSchedule', ({ scheduler }) => scheduler.send(new CreateScheduleCommand(schedule('blackstart-one', 'one')))],
  ['UpdateSchedule', ({ scheduler }) => scheduler.send(new UpdateScheduleCommand(schedule('blackstart-one', 'two')))],
  ['GetSchedule', ({ scheduler }) => scheduler.send(new GetScheduleCommand({ Name: 'blackstart-one' }))],
];

const refused: readonly (readonly [what: string, ask: Ask])[] = [
  [
    'a schedule of a name that is there',
    ({ scheduler }) => scheduler.send(new CreateScheduleCommand(schedule('blackstart-one', 'one'))),
  ],
  ['a schedule that is not there', ({ scheduler }) => scheduler.send(new GetScheduleCommand({ Name: 'none' }))],
  [
    'moving a schedule that is not there',
    ({ scheduler }) => scheduler.send(new UpdateScheduleCommand(schedule('none', 'one'))),
  ],
  [
    'removing a schedule that is not there',
    ({ scheduler }) => scheduler.send(new DeleteScheduleCommand({ Name: 'none' })),
  ],
  [
    'services of an unknown cluster',
    ({ ecs }) => ecs.send(new DescribeServicesCommand({ cluster: 'none', services: ['api'] })),
  ],
  [
    'scaling an unknown service',
    ({ ecs }) => ecs.send(new UpdateServiceCommand({ ...ref, service: 'none', desiredCount: 1 })),
  ],
];

describe.skipIf(!motoPresent())('the lab’s ECS and schedules beside moto’s', () => {
  const closing: (() => Promise<void>)[] = [];
  let sides: { readonly lab: Side; readonly moto: Side };

  beforeAll(async () => {
    const lab = await startAws();
    closing.push(lab.close);
    const moto = await startMoto();
    closing.push(moto.stop);
    sides = { lab: sideAt(lab.api.url, closing), moto: sideAt(moto.url, closing) };
    await makeService(sides.moto.ecs);
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  test.each(asked)('%s answers with fields of the same names and types', async (operation, ask) => {
    const [ours, theirs] = [shapeOf(await ask(sides.lab)), shapeOf(await ask(sides.moto))];
    expect([...ours].filter((field) => !theirs.has(field) && !notInMoto.has(`${operation}${field}`))).toEqual([]);
  });

  test.each(refused)('%s is refused with the same code and status', async (_what, ask) => {
    const said = async (side: Side): Promise<readonly unknown[]> => {
      const error: unknown = await ask(side).catch((reason: unknown) => reason);
      const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
      return [name, $metadata?.httpStatusCode];
    };
    const [ours, theirs] = [await said(sides.lab), await said(sides.moto)];
    expect(ours).toEqual(theirs[0] === conflict[0] ? conflict : theirs);
  });

  test('and a schedule says of itself what was asked for, in both', async () => {
    for (const { scheduler } of [sides.lab, sides.moto]) {
      const { Arn, CreationDate, LastModificationDate, $metadata, State, GroupName, ...found } = await scheduler.send(
        new GetScheduleCommand({ Name: 'blackstart-one' }),
      );
      expect(found).toEqual(schedule('blackstart-one', 'two'));
      expect(CreationDate).toBeInstanceOf(Date);
      await scheduler.send(new DeleteScheduleCommand({ Name: 'blackstart-one' }));
    }
  });
});

function sideAt(endpoint: string, closing: (() => Promise<void>)[]): Side {
  const credentials = { accessKeyId: 'lab', secretAccessKey: 'lab' };
  const config = { endpoint, region: 'eu-west-1', maxAttempts: 1, credentials };
  const side = { ecs: new ECSClient(config), scheduler: new SchedulerClient(config), arn: '' };
  closing.unshift(async () => {
    side.ecs.destroy();
    side.scheduler.destroy();
  });
  return side;
}

async function makeService(ecs: ECSClient): Promise<void> {
  await ecs.send(new CreateClusterCommand({ clusterName: ref.cluster }));
  const containerDefinitions = [{ name: 'api', image: 'api', memory: 64 }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'api', containerDefinitions }));
  const { cluster, service: serviceName } = ref;
  await ecs.send(new CreateServiceCommand({ cluster, serviceName, taskDefinition: 'api', desiredCount: 3 }));
}
