import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { federate } from '../../aggregator/federation/federate.ts';
import { parseSelector } from '../../aggregator/federation/matchers.ts';
import type { Cut } from '../../aggregator/metrics/cut.ts';
import { lineStart, negotiate, sampleLine } from '../../aggregator/metrics/exposition.ts';
import { parseExposition, parseSample } from '../../aggregator/metrics/parse-exposition.ts';
import { render } from '../../aggregator/metrics/render.ts';
import { seriesTable } from '../../aggregator/metrics/series.ts';
import { aliasMetrics, catalogue } from '../../contract/catalogue.ts';
import { systemClock } from '../../contract/clock.ts';

const labels = ['agent-api', 'home', 'us-east-1', 'us-east-1', 'us'];

function cutOf(over: Partial<Cut> = {}): Cut {
  const series = seriesTable();
  series.observe(series.slot('probeDuration', labels), 0.02);
  series.observe(series.slot('probeDuration', labels), 0.3);
  series.add(series.slot('probeResults', [...labels, 'good', '']), 2);
  return { atMs: 1_700_000_000_000, series: series.cut(), goneVantages: new Set(), families: [], ...over };
}

async function text(cut: Cut, format: 'text' | 'openmetrics'): Promise<string> {
  let whole = '';
  for await (const piece of render(cut, format, systemClock())) whole += piece;
  return whole;
}

test('text has HELP and TYPE, cumulative buckets to +Inf, and a sum and count that agree', async () => {
  const lines = (await text(cutOf(), 'text')).split('\n');
  const family = lines.filter((line) => line.includes('probe_duration_seconds'));
  expect(family.slice(0, 2).map((line) => line.split(' ')[1])).toEqual(['HELP', 'TYPE']);
  const buckets = family.filter((line) => line.includes('_bucket')).map((line) => Number(line.split(' ').at(-1)));
  expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
  expect(family.find((line) => line.includes('le="+Inf"'))).toMatch(/ 2$/);
  expect(family.find((line) => line.includes('le="0.1"'))).toMatch(/ 1$/);
  expect(family.find((line) => line.includes('_sum'))).toMatch(/ 0\.32$/);
  expect(family.find((line) => line.includes('_count'))).toMatch(/ 2$/);
  expect(lines).toContain('# TYPE blackstart_probe_results_total counter');
});

test('OpenMetrics names counters without their suffix, gives units, and ends with EOF', async () => {
  const whole = await text(cutOf(), 'openmetrics');
  expect(whole).toContain('# TYPE blackstart_probe_results counter\n');
  expect(whole).toContain('# UNIT blackstart_probe_duration_seconds seconds\n');
  expect(whole.endsWith('\n# EOF\n')).toBe(true);
  expect(whole).not.toContain('\n\n');
});

test('the series of a vantage that is gone end', async () => {
  expect(await text(cutOf({ goneVantages: new Set(['us']) }), 'text')).toBe('');
});

test('what is counted while it is written out is not in it: the cut is one moment', async () => {
  const series = seriesTable();
  const slot = series.slot('probeDuration', labels);
  series.observe(slot, 0.02);
  const cut: Cut = { ...cutOf(), series: series.cut() };
  series.observe(slot, 0.02);
  expect(await text(cut, 'text')).toContain(
    '_count{target="agent-api",check="home",region="us-east-1",served_by="us-east-1",vantage="us"} 1\n',
  );
});

test('too many label values go to one overflow series, and a metric says so', () => {
  const series = seriesTable(2);
  const slots = ['a', 'b', 'c', 'd'].map((type) => series.slot('linkFrames', [type]));
  expect(new Set(slots).size).toBe(3);
  expect(slots[2]).toBe(slots[3]);
});

test('what is written can be read again, whatever is in the labels', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.double({ noNaN: true }),
      fc.integer({ min: 0, max: 4e12 }),
      (value, number, atMs) => {
        const sample = { name: 'a_metric', labels: [['label', value] as const], value: number, atMs };
        const read = parseSample(sampleLine(sample, 'text').trimEnd(), false);
        expect(read?.labels ?? []).toEqual(value === '' ? [] : sample.labels);
        expect(Object.is(read?.value, number) || read?.value === number).toBe(true);
        expect(read?.atMs).toBe(atMs);
      },
    ),
  );
});

test('a whole exposition can be read again', async () => {
  for (const format of ['text', 'openmetrics'] as const) {
    const families = parseExposition(await text(cutOf(), format), format === 'openmetrics');
    if (typeof families === 'string') throw new Error(families);
    const types = families.map(({ name, type }) => [name, type]);
    expect(types).toContainEqual(['blackstart_probe_duration_seconds', 'histogram']);
    expect(types).toContainEqual(['blackstart_probe_results_total', 'counter']);
  }
});

test.each(['{', 'name{a="b} 1', 'name one', 'name 1 2 3', '1name 2'])(
  '%s is no sample, and the line is named',
  (line) => {
    expect(parseExposition(`good 1\n${line}\n`, false)).toMatch(/^line 2: /);
  },
);

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/plain; version=0.0.4', 'text'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.3', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.3',
    'text',
  ],
])('Accept %s is answered with %s', (accept, format) => {
  expect(negotiate(accept)).toBe(format);
});

describe('selectors', () => {
  test.each([
    ['up', [['__name__', '=', 'up']]],
    [
      '{__name__=~"a.*",job="x"}',
      [
        ['__name__', '=~', 'a.*'],
        ['job', '=', 'x'],
      ],
    ],
    [
      "up{a!='b', c!~`d`,}",
      [
        ['__name__', '=', 'up'],
        ['a', '!=', 'b'],
        ['c', '!~', 'd'],
      ],
    ],
    [
      '{"up", job="x"}',
      [
        ['__name__', '=', 'up'],
        ['job', '=', 'x'],
      ],
    ],
    ['{}', []],
    [
      'up{a="\\"\\n\\\\"}',
      [
        ['__name__', '=', 'up'],
        ['a', '=', '"\n\\'],
      ],
    ],
  ])('%s is read as Prometheus reads it', (source, want) => {
    expect(parseSelector(source).map(({ label, operator, value }) => [label, operator, value])).toEqual(want);
  });

  test.each([
    ['-up', '1:1: parse error: unexpected <op:->'],
    ['', '1:1: parse error: unexpected end of input'],
    ['up{a="b"', '1:9: parse error: unexpected end of input in label matching, expected "," or "}"'],
    ['up{a}', '1:5: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['up{a=b}', '1:6: parse error: unexpected identifier "b" in label matching, expected string'],
    ['up{__name__="x"}', '1:4: parse error: metric name must not be set twice'],
    ['up x', '1:4: parse error: unexpected identifier "x"'],
  ])('%j is refused: %s', (source, message) => {
    expect(() => parseSelector(source)).toThrow(message);
  });

  test('a bad expression is refused, and a catastrophic one takes no time', () => {
    expect(() => parseSelector('{a=~"("}')).toThrow(/error parsing regexp/);
    const [matcher] = parseSelector('{a=~"(x+x+)+y"}');
    expect(matcher?.matches('x'.repeat(5_000))).toBe(false);
  });

  test('expressions match the whole value', () => {
    const [matcher] = parseSelector('{a=~"b|c"}');
    expect(['b', 'c', 'bc', ''].map((value) => matcher?.matches(value))).toEqual([true, true, false, false]);
  });
});

describe('federation', () => {
  const federated = {
    name: 'agent_region_requests_total',
    help: '',
    type: 'counter' as const,
    samples: [
      { name: 'agent_region_requests_total', labels: [['region', 'eu'] as const], value: 7, atMs: 1_699_999_990_000 },
      { name: 'agent_region_requests_total', labels: [['region', 'ap'] as const], value: 7, atMs: 1_699_999_000_000 },
    ],
  };

  test('gives the newest samples untyped, with their own time and an empty instance, sorted by name', () => {
    const body = federate(cutOf({ families: [federated] }), [parseSelector('{region=~".+"}')]);
    expect(body).toContain(
      '# TYPE agent_region_requests_total untyped\nagent_region_requests_total{region="eu",instance=""} 7 1699999990000\n',
    );
    expect(body).toContain('vantage="us",le="+Inf",instance=""} 2 1700000000000\n');
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names).toEqual([...names].sort());
  });

  test('leaves out what is older than five minutes', () => {
    expect(federate(cutOf({ families: [federated] }), [parseSelector('{region="ap"}')])).toBe('');
  });

  test('a union gives each series once, and a label that is not there is empty', () => {
    const selectors = ['{region="eu"}', 'agent_region_requests_total', '{nothing=""}'].map(parseSelector);
    const body = federate(cutOf({ families: [federated] }), selectors);
    expect(body.match(/region="eu"/g)).toHaveLength(1);
  });
});

describe('the catalogue', () => {
  const entries = [...Object.values(catalogue), ...Object.values(aliasMetrics('agent'))];
  test.each(entries.map((entry) => [entry.name, entry] as const))('%s follows the rules for names', (name, entry) => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(name.endsWith('_total')).toBe(entry.type === 'counter');
    if (entry.unit !== null) expect(name).toMatch(new RegExp(`_${entry.unit}(_total)?$`));
    expect(entry.help).toMatch(/[.]$/);
    expect(new Set(entry.labels).size).toBe(entry.labels.length);
  });
  test('names no metric twice', () => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });
});

test('an empty label is left out, but an empty instance is given', () => {
  expect(
    lineStart('m', [
      ['a', ''],
      ['instance', ''],
    ]),
  ).toBe('m{instance=""} ');
});
