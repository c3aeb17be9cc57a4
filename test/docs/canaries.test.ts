/** docs/drills/canaries.md: its example is a scenario, its table has every key, and it quotes what drills say. */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CanaryLine } from '../../chaos/canaries/facts.ts';
import { canaryReport } from '../../chaos/canaries/judge.ts';
import { exactly } from '../../contract/bounds.ts';
import { Mistakes } from '../../contract/mistake.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, sound } from '../scenarios/sound.ts';
import { codeIn, flowing, pageText, rowsOf } from './pages.ts';

const page = pageText('canaries.md');

function exampleDrill(index = 0): object {
  const [, source = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)][index] ?? [];
  const [drill] = (parse(source) as { drills: readonly object[] }).drills;
  return drill ?? {};
}

/** Keys that the reader knows, out of what it says to one that it does not know. */
function knownKeys(): readonly string[] {
  const drill = exampleDrill() as { canaries: object };
  try {
    parseScenario(broken(['drills', 0], { ...drill, canaries: { ...drill.canaries, zzz: 1 } }));
  } catch (error) {
    if (!(error instanceof Mistakes)) throw error;
    return (/want one of ([^(\n]*)/.exec(error.message)?.[1] ?? '').trim().split(', ');
  }
  return [];
}

test('the example is a drill of a sound scenario', () => {
  const { drills } = parseScenario({ ...sound(), drills: [exampleDrill()] });
  expect(drills[0]?.canaries).toMatchObject({ rpoMs: 5_000, write: { method: 'PUT', acknowledged: [201] } });
});

test('the example of a partition is one too, and the page of that fault has the same canaries', () => {
  const switchboards = Object.fromEntries(
    ['us-east-1', 'eu-west-1'].map((name) => [name, { url: 'http://board.test' }]),
  );
  const { drills } = parseScenario({ ...sound(), switchboards, drills: [exampleDrill(1)] });
  const { fault, holdMs, canaries } = drills[0] ?? {};
  expect(fault).toEqual({ kind: 'partition', region: 'us-east-1', from: 'eu-west-1' });
  expect(canaries).toMatchObject({ writers: 'one', rpoMs: 120_000 });
  expect(canaries?.rpoMs).toBeGreaterThan(holdMs ?? Number.POSITIVE_INFINITY);
  const [, shown = ''] = /```yaml\n(.*?)```/s.exec(pageText('faults/partition.md')) ?? [];
  const [other] = (parse(shown) as { drills: readonly { readonly canaries: object }[] }).drills;
  expect({ ...other?.canaries, userCountry: 'US' }).toEqual((exampleDrill(1) as { canaries: object }).canaries);
});

test('each key has its row, and each row its key, with its default', () => {
  const rows = rowsOf(page, 'key');
  expect(rows.map(([key]) => codeIn(key))).toEqual(knownKeys());
  const least = parseScenario({ ...sound(), drills: [exampleDrill()] }).drills[0]?.canaries;
  const told = Object.fromEntries(rows.map(([key, value]) => [codeIn(key), codeIn(value)]));
  expect(told).toMatchObject({
    writers: least?.writers,
    resolver: least?.resolver,
    every: '250ms',
    timeout: '2s',
    settle: '10s',
  });
  expect(least).toMatchObject({ everyMs: 250, timeoutMs: 2_000, settleMs: 10_000 });
});

const setup = {
  what: 'setup',
  drill: 'lose-us-20261121t084210-3f2a',
  mark: 'blackstart-lose-us-20261121t084210-3f2a-',
  stores: ['us-east-1', 'eu-west-1'].map((region) => ({ region, mayStore: true })),
  rpoMs: 5_000,
  everyMs: 250,
} as const;
const times = { region: 'us-east-1', t0: exactly(15_000), restoreCalled: exactly(60_000) };

function attempt(target: string, seq: number, startMs: number): CanaryLine {
  return { what: 'attempt', target, seq, startMs, endMs: startMs + 2, acknowledged: true, by: target, said: '201' };
}

describe('the page quotes', () => {
  test('what is said of a loss, with its numbers and its bounds', () => {
    const target = { name: 'us-east-1', region: 'us-east-1', sequence: 'us-east-1' };
    const written = Array.from({ length: 240 }, (_, index) =>
      attempt('us-east-1', index + 1, (index < 60 ? index : index + 100) * 255),
    );
    const store = (region: string, sentMs: number, missing: boolean): CanaryLine => ({
      what: 'reading',
      region,
      sentMs,
      receivedMs: sentMs + 1,
      found: {
        'us-east-1': missing
          ? [
              [1, 57],
              [61, 240],
            ]
          : [[1, 240]],
      },
      doubles: {},
      odd: [],
    });
    const facts: CanaryLine[] = [
      { ...setup, writers: 'each', targets: [target] },
      ...written,
      store('eu-west-1', 90_000, true),
      { what: 'ended', atMs: 100_000 },
      store('us-east-1', 100_001, false),
      store('eu-west-1', 100_001, false),
      { what: 'erased', left: { 'eu-west-1': [`${setup.mark}eu-west-1-7`] }, unread: {}, records: 240 },
    ];
    const report = canaryReport(facts, { ...times, restoreCalled: exactly(95_000) });
    expect(report?.atFailover?.missing).toEqual({ 'us-east-1': [[58, 60]] });
    const [quoted = ''] = page.match(/canaries: 3 of 240 .*/) ?? [];
    const [before] = quoted.split(': a span');
    expect(report?.atFailover?.acknowledged).toBe(240);
    expect(before).toBe('canaries: 3 of 240 acknowledged writes are missing without us-east-1 (us-east-1 58 to 60)');
    expect(flowing(page)).toContain(report?.findings.find((text) => text.includes('not erased')) ?? 'no finding');
  });

  test('what is said of a split brain', () => {
    const targets = ['us-east-1', 'eu-west-1'].map((name) => ({ name, region: name, sequence: 'one' }));
    const numbers = [17, 18, 19, 20].flatMap((seq) => targets.map(({ name }) => attempt(name, seq, seq * 100)));
    const report = canaryReport([{ ...setup, writers: 'one', targets }, ...numbers], times);
    const [told = ''] = /^canaries: split brain: [^;]*/.exec(report?.verdict.because ?? '') ?? [];
    expect(told).not.toBe('');
    expect(page).toContain(told);
  });
});
