/** What drill commands say of clusters that they cannot use: a real API server of the lab, and a real aggregator. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { kubeconfig } from '../../lab/kubernetes.ts';
import { command, linesOf, type Said } from '../fakes/command-line.ts';
import { type LabCluster, labCluster } from '../lab-kubernetes/lab-cluster.ts';
import { type Aggregator, startAggregator, workshop } from './workshop.ts';

const shop = workshop();
const evidence = join(shop.dir, 'evidence');
let lab: LabCluster;
let aggregator: Aggregator;

beforeAll(async () => {
  lab = await labCluster();
  aggregator = await startAggregator(shop);
});
afterAll(() => lab.cluster.close());
beforeEach(() => lab.cluster.resume());

type GuardFile = { readonly refusals: readonly { readonly rule: string }[] };
type Wish = {
  readonly context?: string;
  readonly workload?: string;
  readonly kubeconfig?: string;
  readonly evidence?: string;
};

function scenario({ context = 'us-east-1', workload = 'agent-api' }: Wish): string {
  const kubernetes = { context, namespace: 'default', workloads: [`deployment/${workload}`] };
  const region = (port: number) => ({ jurisdiction: 'US', endpoint: `http://127.0.0.1:${port}` });
  return shop.file(
    'scenario.json',
    JSON.stringify({
      service: 'demo',
      entry: { api: 'http://127.0.0.1:8123' },
      regions: { here: { ...region(8123), share: 60, kubernetes }, there: { ...region(8124), share: 40 } },
      checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '100ms', timeout: '50ms' }],
      drills: [
        {
          name: 'lose-here',
          fault: { 'scale-to-zero': 'here' },
          expect: [{ entry: 'api', servedBy: ['there'], within: '4s', failback: '4s' }],
          burst: { every: '100ms', for: '60s' },
          lease: '2s',
        },
      ],
      allow: { contexts: [context], workloads: [`deployment/${workload}`] },
    }),
  );
}

function configFor(token: string): string {
  return shop.file(`kubeconfig-${token}`, kubeconfig([lab.cluster], lab.ca, token));
}

async function drill(act: 'run' | 'plan' | 'recover' | 'list', wish: Wish): Promise<Said> {
  const given = [`--scenario=${scenario(wish)}`, `--kubeconfig=${wish.kubeconfig ?? configFor('admin-token')}`];
  const fleet = [`--aggregator=${aggregator.url}`, `--token-file=${aggregator.tokenFile}`];
  const name = act === 'run' || act === 'plan' ? ['lose-here', ...fleet] : [];
  return command(['drill', act, ...name, ...given, `--evidence=${wish.evidence ?? evidence}`]);
}

const torn = 'contexts: [';
const refusals: readonly (readonly [string, () => Wish, number, RegExp, ((cluster: LabCluster) => void)?])[] = [
  [
    'a kubeconfig that is not there',
    () => ({ kubeconfig: join(shop.dir, 'none') }),
    2,
    /^kubeconfig .*none cannot be read: .*ENOENT/,
  ],
  [
    'a kubeconfig that does not parse',
    () => ({ kubeconfig: shop.file('torn', torn) }),
    2,
    /^kubeconfig .*torn does not parse: /,
  ],
  ['an unknown context', () => ({ context: 'mars' }), 2, /^kubeconfig .* has no context mars: it has us-east-1$/],
  ['an unknown Deployment', () => ({ workload: 'nosuch' }), 2, /nosuch.*\(404: /],
  [
    'credentials that the cluster does not know',
    () => ({ kubeconfig: configFor('unknown-token') }),
    2,
    /does not accept these credentials \(401: /,
  ],
  ['a user who may only scale', () => ({ kubeconfig: configFor('limited-token') }), 4, /not permitted \(403: |right/],
  ['a cluster that answers 503 to all', () => ({}), 3, /answered 503/, ({ cluster }) => cluster.refuse(503)],
];

for (const act of ['plan', 'run'] as const) {
  test.each(refusals.map((row) => [row[0], row] as const))(
    `drill ${act} says of %s one sentence, with the right code, and touches nothing`,
    async (_, [, wish, code, sentence, before]) => {
      before?.(lab);
      const said = await drill(act, wish());
      const lines = [...linesOf(said.stderr), ...linesOf(said.stdout)];
      expect(lines, said.stdout).toContainEqual(expect.stringMatching(sentence));
      expect(said.code).toBe(code);
      if (code !== 4) expect(linesOf(said.stderr)).toHaveLength(1);
      expect(lab.cluster.requests().filter(({ path }) => !path.includes('selfsubject'))).toEqual([]);
      expect(existsSync(evidence)).toBe(false);
    },
  );
}

test('drill recover and drill list name each cluster that could not be asked, and exit 3', async () => {
  for (const act of ['recover', 'list'] as const) {
    const said = await drill(act, { context: 'mars' });
    expect(said.code).toBe(3);
    expect(said.stdout).toMatch(/^not asked {2}mars\/default: kubeconfig .* has no context mars: it has us-east-1\n$/);
  }
});

test('with nothing open drill recover says so and exits 0', async () => {
  expect(await drill('recover', {})).toMatchObject({ code: 0, stdout: 'nothing is open\n' });
});

test('a drill on a fleet with no agents is refused with exit 4, each refusal with its number', async () => {
  const own = join(shop.dir, 'refused');
  const said = await drill('run', { evidence: own });
  expect(said.code).toBe(4);
  expect(said.stdout).toMatch(/refused by \S+: .*\d/);
  const kept = readdirSync(own).flatMap((drill) => {
    const { refusals } = JSON.parse(readFileSync(join(own, drill, 'guard.json'), 'utf8')) as GuardFile;
    return refusals.map(({ rule }) => rule);
  });
  expect(kept).not.toEqual([]);
  for (const rule of kept) expect(said.stdout).toContain(`refused by ${rule}`);
});
