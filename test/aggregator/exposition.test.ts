import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { federateText } from '../../aggregator/federation/federate.ts';
import { parseSelector } from '../../aggregator/federation/matchers.ts';
import type { Cut } from '../../aggregator/metrics/cut.ts';
import { lineStart, sampleLine } from '../../aggregator/metrics/exposition.ts';
import { chooseEncoding, chooseFormat } from '../../aggregator/metrics/negotiate.ts';
import { parseExposition, parseSample } from '../../aggregator/metrics/parse-exposition.ts';
import { renderText } from '../../aggregator/metrics/render.ts';
import { seriesTable } from '../../aggregator/metrics/series.ts';
import { aliasMetrics, catalogue } from '../../contract/catalogue.ts';
import { systemClock } from '../../contract/clock.ts';

async function federate(cut: Cut, selectors: Parameters<typeof federateText>[1]): Promise<string> {
  let whole = '';
  for await (const piece of federateText(cut, selectors, systemClock())) whole += piece;
  return whole;
}

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
  for await (const piece of renderText(cut, format, systemClock())) whole += piece;
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
  const series = seriesTable({ limits: { perMetric: 2, perVantage: 2, perCheck: 2 } });
  const slots = ['a', 'b', 'c', 'd'].map((type) => series.slot('linkFrames', [type]));
  expect(new Set(slots).size).toBe(3);
  expect(slots[2]).toBe(slots[3]);
  const overflow = series.cut().families.find(({ entry }) => entry.name === 'blackstart_series_overflow_total');
  expect(overflow?.children.map((child) => child.labels)).toEqual([[['metric', 'blackstart_link_frames_total']]]);
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
  ['application/openmetrics-text;version=1.0.0;q=0, text/plain;q=0.1', 'text'],
  [
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.3',
    'protobuf',
  ],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', 'text'],
])('Accept %s is answered with %s', (accept, format) => {
  expect(chooseFormat(accept, ['text', 'openmetrics', 'protobuf']).format).toBe(format);
});

test('federation has no OpenMetrics, and an older version of it is answered as such', () => {
  const accept = 'application/openmetrics-text;version=0.0.1,text/plain;q=0.5';
  expect(chooseFormat(accept, ['text', 'protobuf']).format).toBe('text');
  expect(chooseFormat(accept, ['text', 'openmetrics']).contentType).toContain('version=0.0.1');
});

test.each([
  [undefined, 'identity'],
  ['gzip', 'gzip'],
  ['gzip, zstd', 'gzip'],
  ['gzip;q=0.5, zstd', 'zstd'],
  ['gzip;q=0, *;q=0.1', 'identity'],
  ['br', 'identity'],
  ['identity, gzip;q=0.9', 'identity'],
])('Accept-Encoding %s is answered with %s', (accept, encoding) => {
  expect(chooseEncoding(accept)).toBe(encoding);
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
    ['up{a="b"', '1:9: parse error: unexpected end of input inside braces'],
    ['up{a}', '1:5: parse error: unexpected "}" in label matching, expected label matching operator'],
    ['up{a=b}', '1:6: parse error: unexpected identifier "b" in label matching, expected string'],
    ['up{a="\\z"}', "1:6: parse error: unknown escape sequence U+007A 'z'"],
    ['up{a="x', '1:6: parse error: unterminated quoted string'],
    ['up{a==b}', '1:6: parse error: unexpected "=" in label matching, expected string'],
    ['up[5m]', '1:3: parse error: unexpected "["'],
    ['up offset 5m', '1:4: parse error: unexpected <offset>'],
    ['on{a="b"}', '1:1: parse error: unexpected <on>'],
    ['{1="x"}', "1:2: parse error: unexpected character inside braces: '1'"],
    ['"abcdefghijkl"', '1:1: parse error: unexpected string "\\"abcdefghi"...'],
    ['{a=~"x{1001}"}', '1:2: parse error: error parsing regexp: invalid repeat count: `{1001}`'],
    ['{a=~"(?=x)"}', '1:2: parse error: error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['up{\n"ü"="a"} x', '2:11: parse error: unexpected identifier "x"'],
    ['up x', '1:4: parse error: unexpected identifier "x"'],
  ])('%j is refused: %s', (source, message) => {
    expect(() => parseSelector(source)).toThrow(message);
  });

  test('a bad expression is refused, and a catastrophic one takes no time', () => {
    expect(() => parseSelector('{a=~"("}')).toThrow(/error parsing regexp/);
    const [matcher] = parseSelector('{a=~"(x+x+)+y"}');
    expect(matcher?.matches('x'.repeat(5_000))).toBe(false);
    expect(() => parseSelector(`{a=~"${'[a-z]{1000}'.repeat(30)}"}`)).toThrow(/expression too large/);
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

  test('gives the newest samples untyped, with their own time and an empty instance, sorted by name', async () => {
    const body = await federate(cutOf({ families: [federated] }), [parseSelector('{region=~".+"}')]);
    expect(body).toContain(
      '# TYPE agent_region_requests_total untyped\nagent_region_requests_total{region="eu",instance=""} 7 1699999990000\n',
    );
    expect(body).toContain('vantage="us",le="+Inf",instance=""} 2 1700000000000\n');
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names).toEqual([...names].sort());
  });

  test('leaves out what is older than five minutes', async () => {
    expect(await federate(cutOf({ families: [federated] }), [parseSelector('{region="ap"}')])).toBe('');
  });

  test('a union gives each series once, and a label that is not there is empty', async () => {
    const selectors = ['{region="eu"}', 'agent_region_requests_total', '{nothing=""}'].map(parseSelector);
    const body = await federate(cutOf({ families: [federated] }), selectors);
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
