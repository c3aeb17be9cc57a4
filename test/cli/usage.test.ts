import { describe, expect, test } from 'vitest';
import { command, linesOf } from '../fakes/command-line.ts';

const every = [
  ['lab'],
  ['watch'],
  ['aggregator'],
  ['agent'],
  ['check'],
  ['audit'],
  ['status'],
  ['gate'],
  ['lint'],
  ['doctor'],
  ['generate', 'dashboards'],
  ['generate', 'rules'],
  ...['plan', 'run', 'observe', 'recover', 'list', 'stop', 'judge'].map((name) => ['drill', name]),
];

describe.each(every.map((argv) => [argv.join(' '), argv] as const))('%s', (name, argv) => {
  test('--help shows its options and an example', async () => {
    const said = await command([...argv, '--help']);
    expect(said.code).toBe(0);
    expect(said.stderr).toBe('');
    expect(said.stdout).toContain(`Usage: blackstart ${name}`);
    expect(said.stdout).toMatch(new RegExp(`Examples?: +blackstart ${name}( |$)`, 'm'));
  });

  test('an option it does not have exits 2 with one sentence', async () => {
    const said = await command([...argv, '--nosuch=1']);
    expect(said.code).toBe(2);
    expect(said.stdout).toBe('');
    expect(linesOf(said.stderr)).toEqual(["error: unknown option '--nosuch=1'", '(--help shows what is allowed)']);
  });
});

test('a command that there is not exits 2 and names it', async () => {
  const said = await command(['nosuch']);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain("unknown command 'nosuch'");
});

test('no command prints the usage and exits 2', async () => {
  const said = await command([]);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain('Usage: blackstart [options] [command]');
});

test('--version prints the version of the package', async () => {
  const said = await command(['--version']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

/** Each with what has to be said of it, a pattern a line, in any order. */
const wrong: readonly (readonly [string, readonly string[], readonly RegExp[]])[] = [
  [
    'lab',
    ['--seed=x', '--plant=nope', '--only', 'foo', '--drill', 'nope', '--profile=slow'],
    [
      /^--seed: got "x", want a whole number from 0 to 4294967295$/,
      /^--plant: got "nope", want one of latency\.us-east-1, /,
      /^--only: got "foo", want one of latency\.us-east-1, /,
      /^--drill: got "nope", want one of lose-us-east-1, lose-eu-west-1, none$/,
      /^--profile: got "slow", want fast or real$/,
    ],
  ],
  ['lab', ['atlantis'], [/^world: got "atlantis", want agent-api$/]],
  [
    'watch',
    ['http://127.0.0.1:9/', '--every=soon', '--listen=here', '--resolver=a:b'],
    [
      /^--every: got "soon", want a duration from /,
      /^--listen: got "here", want HOST:PORT, /,
      /^--resolver: got "a:b", want HOST:PORT, /,
    ],
  ],
  [
    'status',
    ['--at=yesterday', '--since=lately'],
    [/^--aggregator: got nothing, /, /^--at: got "yesterday", /, /^--since: got "lately", /],
  ],
  [
    'gate',
    ['--since=lately', '--wait=long', '--target=high', '--aggregator=here'],
    [
      /^--objective: got nothing, want the id of an objective$/,
      /^--since: got "lately", want a duration, /,
      /^--wait: got "long", want a duration from /,
      /^--target: got "high", want a share, /,
      /^--aggregator: got "here", want a URL /,
    ],
  ],
  [
    'aggregator',
    ['--listen=nonsense', '--token-file=nofile', '--ca=nofile'],
    [
      /^--listen: got "nonsense", want HOST:PORT, /,
      /^--token-file: got "nofile", want a readable file \(ENOENT\)$/,
      /^--ca: got "nofile", want a readable file \(ENOENT\)$/,
    ],
  ],
  [
    'aggregator',
    ['--engine=victoria:8428', '--name=a b'],
    [/^--engine: got "victoria:8428", want a URL with http or https/, /^--name: got "a b", want 1 to 128 letters, /],
  ],
  ['aggregator', ['--engine=http://victoria:8428'], [/^--name: got nothing, want a name of its own, with --engine$/]],
  [
    'agent',
    [
      ...['--vantage=v', '--region=r', '--aggregator=http://a', '--aggregator=http://b,http://a', '--leave-after=1'],
      '--return-after=2h',
    ],
    [
      /^--aggregator: got http:\/\/a\/ twice, want each URL once$/,
      /^--leave-after: got "1", want a duration from 100ms to /,
      /^--return-after: got "2h", want a duration from /,
    ],
  ],
  [
    'agent',
    [],
    [/^--vantage: got nothing, want /, /^--region: got nothing, want /, /^--aggregator: got nothing, want /],
  ],
  [
    'agent',
    ['--vantage=v', '--region=r', '--aggregator=ftp://x', '--listen=1:2:3', '--resolver=x:99999'],
    [/^--aggregator: got "ftp:\/\/x", want a URL with http or https/, /^--listen: got "1:2:3"/, /^--resolver: got /],
  ],
  ['check', [], [/^url\|name: got nothing, want a URL, a host name, or --all with --scenario$/]],
  ['check', ['http//bad'], [/^url\|name: got "http\/\/bad", want a URL with http or https, a host name, /]],
  ['check', ['--all'], [/^--scenario: got nothing, want a scenario file$/]],
  ['audit', ['--user-country=de'], [/^--scenario: got nothing/, /^--user-country: got "de", want two capital letters/]],
  [
    'generate dashboards',
    ['--aggregator=nonsense', '--prometheus=ftp://x'],
    [
      /^--scenario: got nothing, want a scenario file$/,
      /^--aggregator: got "nonsense", want a URL with http or https, /,
      /^--prometheus: got "ftp:\/\/x", want a URL with http or https, /,
    ],
  ],
  [
    'generate rules',
    ['--aggregator=nonsense', '--runbooks=wiki', '--job='],
    [
      /^--scenario: got nothing, want a scenario file$/,
      /^--aggregator: got "nonsense", want a URL with http or https, /,
      /^--runbooks: got "wiki", want a URL with http or https, /,
      /^--job: got an empty name, want the job_name of a scrape$/,
    ],
  ],
  ['drill run', [], [/^--scenario: got nothing, want /, /^--aggregator: got nothing, want /]],
  ['drill plan', [], [/^--scenario: got nothing, want /, /^--aggregator: got nothing, want /]],
  ['drill observe', ['--aggregator=x'], [/^--scenario: got nothing, want /, /^--aggregator: got "x", want /]],
  ['drill recover', [], [/^--scenario: got nothing, want /]],
  ['drill stop', ['some-id'], [/^--scenario: got nothing, want /]],
  ['drill judge', ['nodir'], [/^nodir is no evidence of a drill: /]],
];

test.each(wrong.map((row) => [`${row[0]} ${row[1].join(' ')}`, row] as const))(
  '%s exits 2 and says all that is wrong with it at once',
  async (_, [name, more, patterns]) => {
    const said = await command([...name.split(' '), ...more]);
    expect(said.code).toBe(2);
    expect(said.stdout).toBe('');
    const lines = linesOf(said.stderr);
    expect(lines).toHaveLength(patterns.length);
    for (const pattern of patterns) expect(lines).toContainEqual(expect.stringMatching(pattern));
  },
);

test.each([['watch'], ['drill stop'], ['drill judge']])('%s without its argument exits 2', async (name) => {
  const said = await command(name.split(' '));
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/^error: missing required argument '/);
});

const scenario = ['--scenario', 'nowhere.yaml'];
test.each([
  ['aggregator', ['--state', '/proc/nowhere/at-all'], '--state'],
  [
    'agent',
    ['--vantage', 'a', '--region', 'a', '--aggregator', 'http://127.0.0.1:1', '--state', '/proc/nowhere'],
    '--state',
  ],
  ['lab', ['--out', '/proc/nowhere'], '--out'],
  ['drill', ['recover', ...scenario, '--evidence', '/proc/nowhere'], '--evidence'],
  ['generate', ['dashboards', ...scenario, '--out', '/proc/nowhere'], '--out'],
  ['generate', ['rules', ...scenario, '--out', '/proc/nowhere'], '--out'],
])('%s %j: a folder that cannot be made exits 2, says why, and leaves nothing', async (name, argv, option) => {
  const said = await command([name, ...argv]);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain(option);
  expect(said.stderr).toContain('a folder that can be made (ENOENT)');
});
