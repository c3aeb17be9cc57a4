/** `generate k6`: the manifest that a cluster's k6 operator is given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { command } from '../fakes/command-line.ts';
import { root } from '../fakes/program.ts';
import { workshop } from './workshop.ts';

const shop = workshop();

function scenario(name: string, load: string, more = ''): string {
  return shop.file(
    name,
    `service: shop
entry: { api: https://api.shop.example }
regions:
  east: { jurisdiction: US, share: 50, endpoint: https://east.shop.example, kubernetes: { context: east, namespace: shop, workloads: [deployment/shop] } }
  west: { jurisdiction: US, share: 50, endpoint: https://west.shop.example }
drills:
  - name: lose-east
    fault: { scale-to-zero: east }
    expect: [{ entry: api, servedBy: [west], within: 90s }]
    ${load}
${more}`,
  );
}

type Manifest = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly parallelism: number;
    readonly arguments: string;
    readonly script: object;
    readonly runner: { readonly image?: string; readonly env: readonly { name: string; value: string }[] };
  };
};

function documentsOf(text: string): readonly [Manifest, Manifest] {
  return parseAllDocuments(text).map((document) => document.toJS()) as unknown as [Manifest, Manifest];
}

const full = `load: { script: steady.ts, users: 100, rate: 50/s, for: 5m, env: { NOTE: 'two words' }, thresholds: { http_req_failed: rate<0.05 } }`;

test('is a TestRun and the ConfigMap that it runs, from the drill’s own plan', async () => {
  const out = join(shop.dir, 'k6', 'load.yaml');
  const file = scenario('full.yaml', full);
  const said = await command(['generate', 'k6', '--scenario', file, '--out', out, '--runners', '4']);
  expect(said).toMatchObject({ code: 0, stdout: `${out}\n` });
  expect(said.stderr).toContain('the drill does not start it');
  const [map, run] = documentsOf(readFileSync(out, 'utf8'));
  expect([map.kind, run.kind]).toEqual(['ConfigMap', 'TestRun']);
  expect(map.metadata).toEqual(run.metadata);
  expect(map.metadata).toMatchObject({ name: 'blackstart-load-lose-east', namespace: 'blackstart' });
  expect(Object.keys(map.data).toSorted()).toEqual(['options.json', 'steady.ts', 'users.ts']);
  expect(map.data['steady.ts']).toBe(readFileSync(join(root, 'scenarios/load/steady.ts'), 'utf8'));
  expect(JSON.parse(map.data['options.json'] ?? '')).toEqual({ thresholds: { http_req_failed: ['rate<0.05'] } });
  expect(run.spec).toMatchObject({
    parallelism: 4,
    script: { configMap: { name: 'blackstart-load-lose-east', file: 'steady.ts' } },
    arguments: '--include-system-env-vars --config /test/options.json',
  });
  expect(run.spec.runner).toMatchObject({
    securityContext: { runAsNonRoot: true },
    env: [
      { name: 'NOTE', value: 'two words' },
      { name: 'TARGET', value: 'https://api.shop.example' },
      { name: 'TARGET_PATH', value: '/' },
      { name: 'USERS', value: '100' },
      { name: 'RATE', value: '50' },
      { name: 'FOR', value: '300s' },
      { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: 'false' },
    ],
  });
});

test('has a script, certificates and a resolver of one’s own, and says what a pod cannot have', async () => {
  shop.file('cart.ts', "import { cart } from './cart-pages.ts';\nexport default cart;\n");
  shop.file('ca.pem', 'a certificate\n');
  const load = `load: { script: ./cart.ts, ca: ca.pem, resolver: '10.0.0.53:53', sourceAddress: 10.0.0.7 }`;
  const { code, stdout, stderr } = await command(['generate', 'k6', '--scenario', scenario('own.yaml', load)]);
  expect(code).toBe(0);
  const [map, run] = documentsOf(stdout);
  expect(map.data).toMatchObject({ 'ca.pem': 'a certificate\n', 'cart.ts': expect.stringContaining('cart-pages') });
  expect(run.spec.arguments).toContain('--dns ttl=0');
  const env = Object.fromEntries(run.spec.runner.env.map(({ name, value }) => [name, value]));
  expect(env).toMatchObject({ SSL_CERT_FILE: '/test/ca.pem', BLACKSTART_RESOLVER: '10.0.0.53:53' });
  expect(stderr).toContain('load.resolver 10.0.0.53:53 needs an image with the k6 of deploy/k6');
  expect(stderr).toContain('load.sourceAddress 10.0.0.7 is left out');
  expect(stderr).toContain('cart.ts imports files beside it');
});

describe('a mistake, with exit 2:', () => {
  test('a scenario without a load', async () => {
    const { code, stderr } = await command(['generate', 'k6', '--scenario', scenario('none.yaml', '')]);
    expect(code).toBe(2);
    expect(stderr).toContain('--drill: got nothing, want a scenario with a drill that has a load');
  });

  test('another drill’s name', async () => {
    const file = scenario('named.yaml', full);
    const { code, stderr } = await command(['generate', 'k6', '--scenario', file, '--drill', 'lose-west']);
    expect(code).toBe(2);
    expect(stderr).toContain('--drill: got "lose-west", want one of lose-east');
  });

  test('more than a ConfigMap may hold', async () => {
    shop.file('large.ts', `// ${'x'.repeat(1_100_000)}\n`);
    const file = scenario('large.yaml', 'load: { script: large.ts }');
    const { code, stderr } = await command(['generate', 'k6', '--scenario', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/load\.script: got 1100\d+ bytes .*want at most 1048576 bytes/);
  });
});
