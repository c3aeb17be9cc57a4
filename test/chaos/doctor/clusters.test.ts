import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { leastRoles, readingRights } from '../../../chaos/doctor/clusters/rights.ts';
import { type ClusterFacts, diagnoseClusters } from '../../../chaos/doctor/clusters.ts';
import type { RuleId } from '../../../chaos/doctor/finding.ts';
import { distinctRights, rightsNeeded } from '../../../chaos/guard/read.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import { eu, shop, us } from './shop.ts';

const scenario = parseScenario(shop());
const plan = { context: 'us', namespace: 'shop', workloads: [{ kind: 'deployment', name: 'shop' }] };
const rights = distinctRights([...readingRights, ...rightsNeeded(plan, [], false)]);

type Container = { readonly [key: string]: unknown };

const container: Container = {
  name: 'shop',
  image: 'shop:1.4',
  env: [{ name: 'DATABASE', value: 'postgres://us' }],
  resources: { requests: { cpu: '500m', memory: '1Gi' } },
  readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5 },
};

type More = {
  readonly container?: Container;
  readonly spec?: object;
  readonly annotations?: object;
  readonly facts?: Partial<ClusterFacts>;
};

function cluster(
  region: string,
  replicas: number,
  { container: own = {}, spec = {}, annotations = {}, facts = {} }: More = {},
): ClusterFacts {
  const template = { metadata: { annotations }, spec: { containers: [{ ...container, ...own }] } };
  const workload = { kind: 'deployment', name: 'shop' };
  return {
    region,
    plan: { ...plan, context: region },
    share: scenario.regions[region]?.share ?? 0,
    drills: scenario.drills.filter(({ fault }) => fault.region === region),
    workloads: [
      {
        workload,
        body: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas, template, ...spec } },
        replicas,
      },
    ],
    owners: [],
    rights: rights.map((right) => ({ right, allowed: true })),
    user: 'system:serviceaccount:blackstart:runner',
    ...facts,
  };
}

const there = cluster(eu, 4);
const owner = {
  owner: 'argo-cd',
  name: 'Application argocd/shop',
  workload: 'deployment/shop',
  withinMs: 180_000,
  suspension: null,
  sentence: 'Application argocd/shop heals itself: it undoes a scaling within 3 minutes',
  remedy: 'ignore /spec/replicas in it',
} as const;

test('clusters that are alike have no finding', () => {
  expect(diagnoseClusters([cluster(us, 6), there])).toEqual({ findings: [], unseen: [] });
});

const planted: readonly (readonly [
  mistake: string,
  rule: RuleId,
  level: 'problem' | 'advice',
  says: RegExp,
  all: readonly ClusterFacts[],
])[] = [
  [
    'another image',
    'cluster.drift',
    'advice',
    /differs in image of shop: us-east-1 has shop:1\.5; eu-west-1 has shop:1\.4/,
    [cluster(us, 6, { container: { image: 'shop:1.5' } }), there],
  ],
  [
    'a variable that one region lacks',
    'cluster.drift',
    'advice',
    /environment names of shop: us-east-1 has DATABASE, FLAG; eu-west-1 has DATABASE$/,
    [cluster(us, 6, { container: { env: [{ name: 'FLAG' }, { name: 'DATABASE' }] } }), there],
  ],
  [
    'other resources',
    'cluster.drift',
    'advice',
    /resources of shop: us-east-1 has \{"requests":\{"cpu":"1"\}\}/,
    [cluster(us, 6, { container: { resources: { requests: { cpu: '1' } } } }), there],
  ],
  [
    'another readiness probe',
    'cluster.drift',
    'advice',
    /readinessProbe of shop: us-east-1 has \{"httpGet":\{"path":"\/live"/,
    [cluster(us, 6, { container: { readinessProbe: { httpGet: { path: '/live', port: 8080 } } } }), there],
  ],
  [
    'an annotation that a mesh heeds',
    'cluster.drift',
    'advice',
    /annotation sidecar\.istio\.io\/inject: us-east-1 has false; eu-west-1 has nothing/,
    [
      cluster(us, 6, {
        annotations: { 'sidecar.istio.io/inject': 'false', 'kubectl.kubernetes.io/restartedAt': 'now' },
      }),
      there,
    ],
  ],
  [
    'fewer replicas than its share',
    'cluster.replicas',
    'advice',
    /^us-east-1 has 2 of 6 replicas for 60 of 100 % of the traffic; its share of them would be 4$/,
    [cluster(us, 2), there],
  ],
  [
    'no readiness probe',
    'cluster.readiness',
    'advice',
    /us-east-1: deployment\/shop: no container has a readiness probe \(shop\)/,
    [cluster(us, 6, { container: { readinessProbe: undefined } })],
  ],
  [
    'a sidecar without one',
    'cluster.min-ready',
    'advice',
    /proxy has no readiness probe and minReadySeconds is 0/,
    [cluster(us, 6, { spec: { template: { spec: { containers: [container, { name: 'proxy' }] } } } })],
  ],
  [
    'a readiness probe that waits longer than a failback may take',
    'cluster.min-ready',
    'problem',
    /initialDelaySeconds of its readiness probe is 600 s, and its drill expects users to be back within 120 s/,
    [cluster(us, 6, { container: { readinessProbe: { initialDelaySeconds: 600 } } })],
  ],
  [
    'a workload that is not there',
    'cluster.no-workload',
    'problem',
    /^us-east-1\/shop has no deployment\/shop/,
    [
      cluster(us, 6, {
        facts: { workloads: [{ workload: { kind: 'deployment', name: 'shop' }, body: null, replicas: 0 }] },
      }),
    ],
  ],
  [
    'an owner that undoes the drill',
    'cluster.owner',
    'problem',
    /^us-east-1: Application argocd\/shop heals itself/,
    [cluster(us, 6, { facts: { owners: [{ ...owner, will: 'undo' }] } })],
  ],
  [
    'an owner where no drill is',
    'cluster.owner',
    'advice',
    /^eu-west-1: Application argocd\/shop heals itself/,
    [cluster(eu, 4, { facts: { owners: [{ ...owner, will: 'undo' }] } })],
  ],
  [
    'a right that is missing',
    'cluster.rights',
    'problem',
    /runner lacks 1 of \d+ rights that a drill of us-east-1 needs: update deployments\.apps\/shop --subresource=scale$/,
    [
      cluster(us, 6, {
        facts: {
          rights: rights.map((right) => ({ right, allowed: right.subresource !== 'scale' || right.verb !== 'update' })),
        },
      }),
    ],
  ],
];

describe('names', () => {
  test.each(planted)('%s', (_, rule, level, says, all) => {
    const { findings } = diagnoseClusters(all);
    const [found] = findings.filter((finding) => finding.rule === rule);
    expect(found).toMatchObject({ rule, level });
    expect(found?.says).toMatch(says);
    expect(found?.remedy).not.toBe('');
    expect(findings.filter((finding) => finding.rule !== rule && finding.rule !== 'cluster.drift')).toEqual([]);
  });

  test('values of environment variables nowhere: they may be secret', () => {
    const all = [cluster(us, 6, { container: { env: [{ name: 'TOKEN', value: 'hunter2' }] } }), there];
    expect(JSON.stringify(diagnoseClusters(all))).not.toMatch(/hunter2|postgres/);
  });

  test('an owner whom every drill suspends not at all', () => {
    const suspension = {
      kind: 'argo-cd',
      resource: { group: 'argoproj.io', resource: 'applications' },
      namespace: 'argocd',
      name: 'shop',
      path: [],
    };
    const drills = scenario.drills.map((drill) => ({ ...drill, suspend: ['argo-cd' as const] }));
    const owners = [{ ...owner, will: 'undo' as const, suspension: suspension as never }];
    expect(diagnoseClusters([cluster(us, 6, { facts: { owners, drills } })]).findings).toEqual([]);
  });

  test('what could not be read as unseen, and not as a finding', () => {
    const owners = [{ ...owner, will: 'unread' as const, sentence: 'whether Applications are about it is unknown' }];
    expect(diagnoseClusters([cluster(us, 6, { facts: { owners } })])).toEqual({
      findings: [],
      unseen: ['us-east-1: whether Applications are about it is unknown'],
    });
  });
});

describe('the least Role', () => {
  const none = cluster(us, 6, { facts: { rights: rights.map((right) => ({ right, allowed: false })) } });

  test('gives each right that is missing, and no other', () => {
    const [role, binding] = parseAllDocuments(leastRoles(none) ?? '').map((one) => one.toJS());
    type Rule = { readonly [key in 'apiGroups' | 'resources' | 'verbs']: string[] } & {
      readonly resourceNames?: string[];
    };
    const given = (role.rules as Rule[]).flatMap(({ apiGroups, resources, verbs, resourceNames = [null] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((text) => {
          const [resource = '', subresource = null] = text.split('/');
          return resourceNames.flatMap((name) =>
            verbs.map((verb) => JSON.stringify({ verb, group, resource, subresource, name })),
          );
        }),
      ),
    );
    const wanted = rights.map(({ verb, group, resource, subresource, name }) =>
      JSON.stringify({ verb, group, resource, subresource, name }),
    );
    expect(given.toSorted()).toEqual([...new Set(wanted)].toSorted());
    expect(role.metadata).toEqual({ name: 'blackstart-drill', namespace: 'shop' });
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: 'runner', namespace: 'blackstart' }]);
  });

  test('is none where nothing is missing', () => {
    expect(leastRoles(there)).toBeNull();
  });

  test('is bound to whoever asked, whatever they are called', () => {
    const text = leastRoles({ ...none, user: 'a: "b" # c' }) ?? '';
    expect(parse(text.split('---\n')[1] ?? '').subjects[0].name).toBe('a: "b" # c');
  });
});
