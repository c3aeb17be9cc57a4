import type { CreateScheduleInput, SchedulerClient } from '@aws-sdk/client-scheduler';
import type { AwsPlace, OneShot, Schedules, Spelling } from '../../account.ts';
import { Trouble } from '../../trouble.ts';
import { caller } from './call.ts';
import type { AwsSession } from './session.ts';
import { targetOf } from './universal.ts';

/** What was turned away is tried again for so long, not for a day as is usual: by then others rely on the target. */
const retriedForSeconds = 3_600;
const retries = 60;

/** EventBridge Scheduler in one region. The SDK is loaded here. */
export async function awsSchedules(session: AwsSession, place: AwsPlace): Promise<Schedules & { close(): void }> {
  const sdk = await import('@aws-sdk/client-scheduler');
  const client: SchedulerClient = new sdk.SchedulerClient(await session.configOf(place));
  const call = caller(`EventBridge Scheduler in ${place.region}`, session.clock);
  const partition = (role: string): string => role.split(':')[1] ?? 'aws';

  function inputOf({ name, atMs, description, role, action }: OneShot, spelling: Spelling): CreateScheduleInput {
    const { operation, input } = targetOf(action, spelling);
    return {
      Name: name,
      Description: description,
      ScheduleExpression: `at(${secondsOf(atMs)})`,
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: `arn:${partition(role)}:scheduler:::aws-sdk:${operation}`,
        RoleArn: role,
        Input: JSON.stringify(input),
        RetryPolicy: { MaximumEventAgeInSeconds: retriedForSeconds, MaximumRetryAttempts: retries },
      },
    };
  }

  const schedules: Schedules & { close(): void } = {
    spelling: 'sdk',
    async create(one, signal) {
      await call.patiently(`making schedule ${one.name}`, signal, (abortSignal) =>
        client.send(new sdk.CreateScheduleCommand(inputOf(one, schedules.spelling)), { abortSignal }),
      );
    },
    async replace(one, signal) {
      const asked = `moving schedule ${one.name}`;
      const moved = await orNull(
        call.patiently(asked, signal, (abortSignal) =>
          client.send(new sdk.UpdateScheduleCommand(inputOf(one, schedules.spelling)), { abortSignal }),
        ),
      );
      return moved !== null;
    },
    async read(name, signal) {
      const found = await orNull(
        call.patiently(`schedule ${name}`, signal, (abortSignal) =>
          client.send(new sdk.GetScheduleCommand({ Name: name }), { abortSignal }),
        ),
      );
      if (found === null) return null;
      const at = /^at\((.+)\)$/.exec(found.ScheduleExpression ?? '')?.[1] ?? '';
      return {
        description: found.Description ?? '',
        atMs: Date.parse(`${at}Z`),
        createdAtMs: found.CreationDate?.getTime() ?? 0,
      };
    },
    async remove(name, signal) {
      await orNull(
        call.patiently(`removing schedule ${name}`, signal, (abortSignal) =>
          client.send(new sdk.DeleteScheduleCommand({ Name: name }), { abortSignal }),
        ),
      );
    },
    close: () => client.destroy(),
  };
  return schedules;
}

/** `2026-11-22T14:30:05`: no fractions, no zone. Rounded up: never earlier than meant. */
function secondsOf(atMs: number): string {
  return new Date(Math.ceil(atMs / 1_000) * 1_000).toISOString().slice(0, 19);
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'missing') return null;
    throw error;
  }
}
