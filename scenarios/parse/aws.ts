import type { AwsPlan } from '../aws.ts';
import { list, object, optional, type Read, required } from './reader.ts';
import { text } from './values.ts';

export const roleArn = text('the ARN of a role', /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/);
export const awsRegion = text('a region of AWS', /^[a-z]{2}(-[a-z]+)+-\d$/);
const named = text('a name of letters, digits, "-" and "_"', /^[\w-]{1,255}$/);

export const awsPlan: Read<AwsPlan> = object({
  region: required(awsRegion),
  role: optional(roleArn, null),
  ecs: optional(object({ cluster: required(named), services: required(list(named, 1)) }), null),
  undoRole: optional(roleArn, null),
});
