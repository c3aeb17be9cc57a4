import { AwsRefusal } from './refusal.ts';

const usualSeconds = 3_600;

/** The answer of `AssumeRole`, as XML. The access key names the role, so that calls show as whom they were made. */
export function assumeRole(form: URLSearchParams, roles: readonly string[], nowMs: number): string {
  const role = form.get('RoleArn') ?? '';
  const session = form.get('RoleSessionName') ?? '';
  if (!roles.includes(role)) {
    throw new AwsRefusal(
      'AccessDenied',
      `User is not authorized to perform: sts:AssumeRole on resource: ${role}`,
      403,
      'xml',
    );
  }
  const [, , , , account = '', name = ''] = role.split(':');
  const assumed = `arn:aws:sts::${account}:assumed-${name}/${session}`;
  const until = new Date(nowMs + Number(form.get('DurationSeconds') ?? usualSeconds) * 1_000).toISOString();
  return [
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>',
    `<AssumedRoleUser><Arn>${assumed}</Arn><AssumedRoleId>LAB:${session}</AssumedRoleId></AssumedRoleUser>`,
    `<Credentials><AccessKeyId>${keyOf(role)}</AccessKeyId><SecretAccessKey>lab</SecretAccessKey>`,
    `<SessionToken>lab</SessionToken><Expiration>${until}</Expiration></Credentials>`,
    '</AssumeRoleResult><ResponseMetadata><RequestId>lab</RequestId></ResponseMetadata></AssumeRoleResponse>',
  ].join('');
}

/** `role-drills`: the key that stands for a role. */
export function keyOf(role: string): string {
  return `role-${role.split('/').at(-1) ?? ''}`;
}
