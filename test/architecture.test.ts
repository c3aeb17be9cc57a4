import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const rooms = [
  'contract',
  'zone',
  'probes',
  'aggregator',
  'chaos',
  'scenarios',
  'lab',
  'cli',
  'docs',
  'bench',
  'test',
] as const;
type Room = (typeof rooms)[number];

/** Who may import whom: DESIGN's table, with docs/decisions/0001 (scenarios may name records). */
const allowed: Readonly<Record<Room, readonly string[]>> = {
  contract: [],
  zone: ['contract'],
  probes: ['contract'],
  aggregator: ['contract'],
  chaos: ['contract', 'zone', 'scenarios'],
  scenarios: ['contract', 'zone'],
  lab: ['contract', 'zone', 'scenarios'],
  cli: rooms.filter((room) => !['test', 'bench', 'docs'].includes(room)),
  // Pages that are written out of the code.
  docs: ['contract'],
  bench: rooms,
  test: rooms,
};

/** chaos may know a scenario's shape and how checks are made from it, not the worlds or their criteria. */
const chaosMayRead = /^scenarios\/(scenario|compile|places|faults)\.ts$/;

type Source = { readonly path: string; readonly room: Room; readonly text: string; readonly code: string };
const sources = rooms.flatMap(sourcesOf);
const product = sources.filter((source) => !['test', 'bench', 'docs'].includes(source.room));

function sourcesOf(room: Room): Source[] {
  return readdirSync(join(root, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = relative(root, join(entry.parentPath, entry.name));
      const text = readFileSync(join(root, path), 'utf8');
      return { path, room, text, code: text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:])\/\/.*$/gm, '$1') };
    });
}

function importsOf(source: Source): string[] {
  return [...source.code.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(([, path]) =>
    normalize(join(dirname(source.path), path ?? '')),
  );
}

function offenders(of: readonly Source[], pattern: RegExp): string[] {
  return of.flatMap(({ path, code }) => [...code.matchAll(pattern)].map(([found]) => `${path}: ${found}`));
}

describe('who may import whom', () => {
  for (const room of rooms) {
    test(`${room} imports only what the table allows`, () => {
      const wrong = sources
        .filter((source) => source.room === room)
        .flatMap((source) => importsOf(source).map((to) => ({ from: source.path, to })))
        .filter(({ to }) => {
          const target = to.split('/')[0] ?? '';
          return target !== room && !allowed[room].includes(target);
        });
      expect(wrong).toEqual([]);
    });
  }

  test('chaos reads the shape of a scenario, not the worlds', () => {
    const wrong = sources
      .filter((source) => source.room === 'chaos')
      .flatMap((source) => importsOf(source).filter((to) => to.startsWith('scenarios/') && !chaosMayRead.test(to)));
    expect(wrong).toEqual([]);
  });

  test('only chaos/cloud and the lab know the clouds', () => {
    const wrong = product.filter(
      ({ path, code }) => /@kubernetes\/client-node|@aws-sdk\//.test(code) && !path.startsWith('chaos/cloud/'),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

test('OpenTelemetry’s SDK is read by the parts of cli/telemetry that are loaded where something is written out', () => {
  const atRunTime = /^(?:import (?!type )|export )[^;]*?from '@opentelemetry\/|import\('@opentelemetry\//m;
  const readers = product.filter(({ code }) => atRunTime.test(code)).map(({ path }) => path);
  expect(readers.toSorted()).toEqual(['metrics', 'sdk', 'traces'].map((name) => `cli/telemetry/${name}.ts`));
  const loaders = product.filter((source) => importsOf(source).some((to) => readers.includes(to)));
  expect(loaders.map(({ path }) => path).toSorted()).toEqual(['cli/telemetry/sdk.ts', 'cli/telemetry/telemetry.ts']);
  const way = product.find(({ path }) => path === 'cli/telemetry/telemetry.ts');
  expect(way?.code).toContain("await import('./sdk.ts')");
  expect(way?.code).not.toMatch(/^import [^;]*'\.\/sdk\.ts'/m);
});

describe('what touches the world is passed in', () => {
  test('only contract/clock.ts reads time', () => {
    const pattern =
      /\bDate\.now\(|\bperformance\.|\bset(?:Timeout|Interval|Immediate)\(|\bnew Date\(\)|timers\/promises/g;
    expect(
      offenders(
        product.filter(({ path }) => path !== 'contract/clock.ts'),
        pattern,
      ),
    ).toEqual([]);
  });

  test('chance is drawn by the caller', () => {
    expect(offenders(product, /\bMath\.random\(/g)).toEqual([]);
  });

  test('only cli reads the environment and the arguments, and only cli exits', () => {
    const others = product.filter(({ room }) => room !== 'cli');
    expect(offenders(others, /\bprocess\.(?:env|argv|exit|exitCode)\b/g)).toEqual([]);
  });

  test('only contract/wire parses the agent link', () => {
    const pattern = /\bfromColumns\(/g;
    expect(
      offenders(
        product.filter(({ path }) => !path.startsWith('contract/wire/')),
        pattern,
      ),
    ).toEqual([]);
  });
});

describe('how the code reads', () => {
  test('no file is longer than 300 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 301);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length}`)).toEqual([]);
  });

  test('lengths of time carry their unit in their name', () => {
    const pattern = /\breadonly (?:timeout|interval|delay|duration|latency|period|deadline|ttl)\??: number/g;
    expect(offenders(product, pattern)).toEqual([]);
  });
});
