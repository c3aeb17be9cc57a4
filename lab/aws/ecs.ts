/** Amazon ECS, as far as services with a desired count go: described, scaled, tagged. */
import { isObject, type Json } from '../../contract/json.ts';
import { AwsRefusal } from './refusal.ts';

export type LabService = { readonly cluster: string; readonly name: string; readonly desiredCount: number };

type Service = {
  readonly cluster: string;
  readonly name: string;
  readonly arn: string;
  desired: number;
  deployment: number;
  readonly tags: Map<string, string>;
};

export type EcsStore = {
  /** By the names of the API: `DescribeServices`. Throws `AwsRefusal`. */
  run(operation: string, input: Json): Json;
  desired(cluster: string, name: string): number;
};

const account = '000000000000';
const mostPerCall = 10;
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function ecsStore(region: string, initial: readonly LabService[]): EcsStore {
  const services = initial.map(
    ({ cluster, name, desiredCount }): Service => ({
      cluster,
      name,
      arn: `arn:aws:ecs:${region}:${account}:service/${cluster}/${name}`,
      desired: desiredCount,
      deployment: 1,
      tags: new Map(),
    }),
  );

  function inCluster(input: Input): readonly Service[] {
    const cluster = nameIn(text(input, 'cluster') ?? 'default');
    const found = services.filter((service) => service.cluster === cluster);
    if (found.length === 0) throw new AwsRefusal('ClusterNotFoundException', 'Cluster not found.');
    return found;
  }
  function tagged(input: Input): Service {
    const arn = text(input, 'resourceArn');
    const found = services.find((service) => service.arn === arn);
    if (found !== undefined) return found;
    throw new AwsRefusal('ResourceNotFoundException', 'The specified resource could not be found.');
  }

  const operations: Readonly<Record<string, (input: Input) => Json>> = {
    DescribeServices(input) {
      const asked = list(input, 'services').map(String);
      if (asked.length === 0) throw new AwsRefusal('InvalidParameterException', 'Services cannot be empty.');
      if (asked.length > mostPerCall) throw new AwsRefusal('InvalidParameterException', 'Too many services.');
      const here = inCluster(input);
      const withTags = list(input, 'include').includes('TAGS');
      const found = asked.map((name) => here.find((service) => service.name === nameIn(name)) ?? name);
      return {
        services: found.flatMap((service) => (typeof service === 'string' ? [] : [shown(service, region, withTags)])),
        failures: found.flatMap((service) => (typeof service === 'string' ? [missing(service, region, input)] : [])),
      };
    },
    UpdateService(input) {
      const name = text(input, 'service') ?? '';
      const service = inCluster(input).find((one) => one.name === nameIn(name));
      if (service === undefined) throw new AwsRefusal('ServiceNotFoundException', 'Service not found.');
      const count = input['desiredCount'];
      if (count !== undefined) {
        if (!Number.isSafeInteger(count) || Number(count) < 0) {
          throw new AwsRefusal('InvalidParameterException', 'desiredCount cannot be less than 0.');
        }
        service.desired = Number(count);
      }
      // A change of the count alone is none of what is deployed.
      if (input['taskDefinition'] !== undefined || input['forceNewDeployment'] === true) service.deployment += 1;
      return { service: shown(service, region, false) };
    },
    TagResource(input) {
      const { tags } = tagged(input);
      for (const tag of list(input, 'tags')) {
        const { key, value } = isObject(tag) ? tag : {};
        if (typeof key !== 'string' || !tagText.test(String(value ?? '')) || String(value ?? '').length > 256) {
          throw new AwsRefusal('InvalidParameterException', 'A tag key or value has characters that are not allowed.');
        }
        tags.set(key, String(value ?? ''));
      }
      return {};
    },
    UntagResource(input) {
      const { tags } = tagged(input);
      for (const key of list(input, 'tagKeys')) tags.delete(String(key));
      return {};
    },
  };

  return {
    run(operation, input) {
      const run = operations[operation];
      if (run === undefined) throw new AwsRefusal('UnknownOperationException', `${operation} is no operation here`);
      return run(isObject(input) ? (input as Input) : {});
    },
    desired: (cluster, name) => services.find((one) => one.cluster === cluster && one.name === name)?.desired ?? 0,
  };
}

type Input = { readonly [key: string]: Json };

function shown({ cluster, name, arn, desired, deployment, tags }: Service, region: string, withTags: boolean): Json {
  const counts = { desiredCount: desired, runningCount: desired, pendingCount: 0 };
  return {
    serviceName: name,
    serviceArn: arn,
    clusterArn: `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    status: 'ACTIVE',
    schedulingStrategy: 'REPLICA',
    ...counts,
    deployments: [{ id: `ecs-svc/${deployment}`, status: 'PRIMARY', rolloutState: 'COMPLETED', ...counts }],
    ...(withTags ? { tags: [...tags].map(([key, value]) => ({ key, value })) } : {}),
  };
}

function missing(name: string, region: string, input: Input): Json {
  const cluster = nameIn(text(input, 'cluster') ?? 'default');
  return { arn: `arn:aws:ecs:${region}:${account}:service/${cluster}/${nameIn(name)}`, reason: 'MISSING' };
}

/** A name, or an ARN that ends with it. */
function nameIn(text: string): string {
  return text.split('/').at(-1) ?? text;
}

function text(input: Input, key: string): string | undefined {
  const value = input[key];
  return typeof value === 'string' ? value : undefined;
}

function list(input: Input, key: string): readonly Json[] {
  const value = input[key];
  return Array.isArray(value) ? value : [];
}
