/** ECS, EventBridge Scheduler and STS over HTTP: what the AWS SDK reaches when AWS_ENDPOINT_URL_ECS and others say so. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import type { Json } from '../../contract/json.ts';
import { httpApi } from '../network/http.ts';
import type { EcsStore } from './ecs.ts';
import { AwsRefusal } from './refusal.ts';
import type { SchedulerStore } from './scheduler.ts';
import { assumeRole } from './sts.ts';

export type AwsOptions = {
  readonly listen: HostPort;
  readonly ecs: EcsStore;
  readonly scheduler: SchedulerStore;
  /** Roles that may be assumed. */
  readonly roles: readonly string[];
};
/** `calls`: what was asked for, and with whose key. */
export type AwsApi = {
  readonly url: string;
  readonly calls: readonly { readonly operation: string; readonly key: string }[];
  close(): Promise<void>;
};

const longestBodyBytes = 1_048_576;
const ecsTarget = 'AmazonEC2ContainerServiceV20141113.';
const schedulePath = /^\/schedules\/([^/]+)$/;

type Asked = { readonly method: string; readonly url: URL; readonly target: string; readonly body: string };
type Reply = { readonly operation: string; readonly type: string; readonly text: string };

export async function awsApi(options: AwsOptions, { clock }: { readonly clock: Clock }): Promise<AwsApi> {
  const calls: { operation: string; key: string }[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await bodyText(request);
      const key = signedBy(request);
      const url = new URL(request.url ?? '/', 'http://aws');
      const target = String(request.headers['x-amz-target'] ?? '');
      const { operation, type, text } = run({ method: request.method ?? '', url, target, body }, options, clock);
      calls.push({ operation, key });
      response.writeHead(200, { 'content-type': type }).end(text);
    } catch (error) {
      sendFailure(
        response,
        error instanceof AwsRefusal ? error : new AwsRefusal('InternalFailure', String(error), 500),
      );
    }
  }

  return { ...(await httpApi(serve, options.listen, 'the AWS API')), calls };
}

/** STS reads XML, the others JSON and the header. */
function sendFailure(response: ServerResponse, { code, message, status, form }: AwsRefusal): void {
  if (form === 'xml') {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(`<ErrorResponse>${error}<RequestId>lab</RequestId></ErrorResponse>`);
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code });
  response.end(JSON.stringify({ __type: code, message, Message: message }));
}

function run(asked: Asked, { ecs, scheduler, roles }: AwsOptions, clock: Clock): Reply {
  if (asked.target.startsWith(ecsTarget)) {
    const operation = asked.target.slice(ecsTarget.length);
    return json(operation, 'application/x-amz-json-1.1', ecs.run(operation, parsed(asked.body)));
  }
  const form = new URLSearchParams(asked.body);
  if (form.get('Action') === 'AssumeRole') {
    return { operation: 'AssumeRole', type: 'text/xml', text: assumeRole(form, roles, clock.wallMs()) };
  }
  return onSchedules(asked, scheduler);
}

function onSchedules({ method, url, body }: Asked, scheduler: SchedulerStore): Reply {
  const type = 'application/json';
  if (method === 'GET' && url.pathname === '/schedules') {
    return json('ListSchedules', type, scheduler.list(url.searchParams.get('NamePrefix') ?? ''));
  }
  const name = decodeURIComponent(schedulePath.exec(url.pathname)?.[1] ?? '');
  if (name !== '') {
    if (method === 'POST') return json('CreateSchedule', type, scheduler.create(name, parsed(body)));
    if (method === 'PUT') return json('UpdateSchedule', type, scheduler.update(name, parsed(body)));
    if (method === 'GET') return json('GetSchedule', type, scheduler.get(name));
    if (method === 'DELETE') return json('DeleteSchedule', type, scheduler.remove(name));
  }
  throw new AwsRefusal('UnknownOperationException', `got ${method} ${url.pathname}, which is no operation here`, 404);
}

function json(operation: string, type: string, value: Json): Reply {
  return { operation, type, text: JSON.stringify(value) };
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body === '' ? '{}' : body) as Json;
  } catch {
    throw new AwsRefusal('SerializationException', 'the body is no JSON');
  }
}

/** The access key of the signature. A signature has to be there; whether it is right, nobody checks. */
function signedBy({ headers: { authorization = '' } }: IncomingMessage): string {
  const key = /^AWS4-HMAC-SHA256 .*Credential=([^/,]+)\/.*Signature=/.exec(authorization)?.[1];
  if (key === undefined) throw new AwsRefusal('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  return key;
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > longestBodyBytes) throw new AwsRefusal('RequestEntityTooLarge', 'the body is too long', 413);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
