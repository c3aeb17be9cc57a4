import { describe, expect, test } from 'vitest';
import { type RatioQueries, recognised } from '../../scenarios/promql/indicator.ts';
import { parsePromql } from '../../scenarios/promql/parse.ts';
import { NotUnderstood } from '../../scenarios/promql/words.ts';

const results = (more: string): string => `blackstart_probe_results_total{check="home",${more}}`;
const good = `sum(${results('outcome="good"')})`;
const bad = `sum(${results('outcome="bad"')})`;
const all = `sum(${results('outcome=~"good|bad"')})`;
const within = (le: string): string => `sum(blackstart_probe_duration_seconds_bucket{check="home",le="${le}"})`;
const timed = 'sum(blackstart_probe_duration_seconds_count{check="home"})';
const home = { check: 'home', region: null };

describe('queries over results are recognised', () => {
  test.each<readonly [string, RatioQueries, object]>([
    ['good of all', { good, total: all }, { indicator: 'availability' }],
    ['bad of all', { bad, total: all }, { indicator: 'availability' }],
    ['all without the good ones', { bad: `${all} - ${good}`, total: all }, { indicator: 'availability' }],
    ['all as a sum of its parts', { good, total: `${good} + ${bad}` }, { indicator: 'availability' }],
    [
      'outcomes that are not others',
      { good, total: `sum(${results('outcome!="missing"')})` },
      { indicator: 'availability' },
    ],
    ['a count that never was', { bad: `(${bad} or vector(0))`, total: all }, { indicator: 'availability' }],
    [
      'a count that never was, on nothing',
      { bad: `${bad} or on() vector(0)`, total: all },
      { indicator: 'availability' },
    ],
    ['a share of failures', { share: `${bad} / ${all}`, of: 'bad' }, { indicator: 'availability' }],
    ['one minus a share of successes', { share: `1 - ${good} / ${all}`, of: 'bad' }, { indicator: 'availability' }],
    ['a share of successes', { share: `${good} / ${all}`, of: 'good' }, { indicator: 'availability' }],
    ['one minus a share of failures', { share: `1 - (${bad} / ${all})`, of: 'good' }, { indicator: 'availability' }],
    [
      'results within a limit, of all',
      { good: within('0.25'), total: all },
      { indicator: { 'latency-under': '250ms' }, limitMs: 250 },
    ],
    [
      'late and bad ones, of all',
      { bad: `${all} - ${within('0.25')}`, total: all },
      { indicator: { 'latency-under': '250ms' } },
    ],
    [
      'bad ones and late ones, of all',
      { bad: `${bad} + ${timed} - ${within('2.5')}`, total: all },
      { indicator: { 'latency-under': '2500ms' } },
    ],
    [
      'results within a limit, of those with a duration',
      { good: within('0.1'), total: timed },
      { indicator: 'latency', limitMs: 100 },
    ],
    [
      'late ones, of those with a duration',
      { bad: `${timed} - ${within('0.1')}`, total: timed },
      { indicator: 'latency', limitMs: 100 },
    ],
    [
      'those with a duration as the bucket without a bound',
      { good: within('0.1'), total: within('+Inf') },
      { indicator: 'latency' },
    ],
    ['those with a duration, of all: the good ones', { good: timed, total: all }, { indicator: 'availability' }],
  ])('%s', (_, queries, read) => {
    expect(recognised(queries)).toMatchObject({ ...home, ...read });
  });

  test('however they are written', () => {
    const written = `sum without () (
      rate(blackstart_probe_results_total{ check = 'home' , region=~"eu-west-1", outcome=\`good\`, job="a" }[5m]) # good
    )`.replace('sum without () ', 'sum by () ');
    const of =
      'sum(rate({__name__="blackstart_probe_results_total",check="home",region="eu-west-1",outcome=~"(good|bad)",}[300s]))';
    expect(recognised({ good: written, total: of })).toMatchObject({ region: 'eu-west-1', indicator: 'availability' });
  });

  test.each([
    ['rate(', '[1h])', 'rate(', '[60m])'],
    ['increase(', '[{{.window}}])', 'increase(', '[{{ .window }}])'],
    ['rate(', '[1y])', 'rate(', '[365d])'],
    ['rate(', '[$window])', 'rate(', '[\x24{window}])'],
    ['', ')', '', ')'],
  ])('over the same time: %s…%s and %s…%s', (partBefore, partAfter, totalBefore, totalAfter) => {
    const over = (query: string, before: string, after: string): string =>
      query.replace('sum(', `sum(${before}`).replace(/\)$/, before === '' ? ')' : `${after})`);
    const queries = { good: over(good, partBefore, partAfter), total: over(all, totalBefore, totalAfter) };
    expect(recognised(queries)).toMatchObject({ ...home, indicator: 'availability' });
  });

  test('of residency checks', () => {
    const residency = (more: string): string => `sum(blackstart_residency_results_total{check="eu",${more}})`;
    const queries = { good: residency('outcome="good"'), total: residency('outcome=~"bad|good"') };
    expect(recognised(queries)).toMatchObject({ check: 'eu', indicator: 'residency' });
  });

  test('a bound of whole seconds in both ways that Prometheus writes it', () => {
    for (const le of ['1(\\\\.0)?', '1|1\\\\.0']) {
      const bucket = `sum(blackstart_probe_duration_seconds_bucket{check="home",le=~"${le}"})`;
      expect(recognised({ good: bucket, total: timed }).limitMs).toBe(1_000);
    }
  });
});

describe('other queries are not, and it is said why', () => {
  test.each<readonly [string, RatioQueries, string]>([
    [
      'another metric',
      { good: 'sum(http_requests_total)', total: all },
      'http_requests_total is not a metric of results',
    ],
    [
      'no check',
      { good: 'sum(blackstart_probe_results_total)', total: all },
      'blackstart_probe_results_total has no check="…"',
    ],
    [
      'several checks',
      { good: 'sum(blackstart_probe_results_total{check=~"a|b"})', total: all },
      'an objective is of one check, or of all',
    ],
    ['another label', { good: `sum(${results('vantage="x"')})`, total: all }, 'by their label vantage'],
    [
      'a grouping',
      { good: good.replace('sum', 'sum by (region) '), total: all },
      'sum by (region) makes several series',
    ],
    ['another function', { good: `avg(${results('outcome="good"')})`, total: all }, 'avg() is not read'],
    [
      'missing results in the total',
      { good, total: `sum(${results('region=""')})`.replace(',region=""', '') },
      'its total counts missing results',
    ],
    ['a total of good ones', { good, total: good }, 'its total is not that of good and bad results'],
    ['two checks', { good, total: all.replaceAll('home', 'entry') }, 'different checks, regions or metrics'],
    [
      'a sum of two checks',
      { good: `${good} + ${good.replaceAll('home', 'entry')}`, total: all },
      'it adds up different checks',
    ],
    ['a factor', { good: `${good} * 100`, total: all }, '* is not read between counts'],
    ['another time', { good: `${results('outcome="good"')} offset 1d`, total: all }, 'offset looks at another time'],
    ['no share', { share: bad, of: 'bad' }, 'it is no share of one count in another'],
    [
      'a range that is none',
      { good: good.replace('sum(', 'rate(').replace('})', '}[soon])'), total: all },
      '[soon] is no range',
    ],
    [
      'a bucket without a bound',
      { good: 'sum(blackstart_probe_duration_seconds_bucket{check="home"})', total: timed },
      'has no le="…"',
    ],
    [
      'an outcome that is none',
      { good: `sum(${results('outcome="fine"')})`, total: all },
      'outcome is one of good, bad, missing',
    ],
    [
      'an increase over a rate',
      {
        good: good.replace('sum(', 'sum(increase(').replace('})', '}[5m]))'),
        total: all.replace('sum(', 'sum(rate(').replace('})', '}[5m]))'),
      },
      'it sets increase[5m] against rate[5m]: both are to be over the same time',
    ],
    [
      'unlike ranges',
      {
        good: good.replace('sum(', 'sum(rate(').replace('})', '}[5m]))'),
        total: all.replace('sum(', 'sum(rate(').replace('})', '}[10m]))'),
      },
      'it sets rate[5m] against rate[10m]',
    ],
    [
      'a rate of a count',
      { good: good.replace('sum(', 'sum(rate(').replace('})', '}[5m]))'), total: all },
      'rate[5m] against the counter',
    ],
    [
      'a share of unlike ranges',
      {
        share: `${bad.replace('})', '}[5m]))').replace('sum(', 'sum(rate(')} / ${all.replace('})', '}[1h]))').replace('sum(', 'sum(rate(')}`,
        of: 'bad',
      },
      'it sets rate[5m] against rate[1h]',
    ],
    [
      'a sum of unlike ranges',
      { good, total: `${good} + sum(increase(${results('outcome="bad"')}[5m]))` },
      'it sets the counter against increase[5m]',
    ],
    [
      'a range that nothing is made of',
      { good: good.replace('})', '}[5m])'), total: all },
      '[5m] stands outside rate() and increase()',
    ],
    [
      'an escape that is another character than it looks',
      { good: good.replace('"good"', '"g\\ood"'), total: all },
      '\\o is not read in a text',
    ],
    ['results that are made up', { bad: `${bad} or vector(1)`, total: all }, 'makes up results'],
    ['a bound that is no number', { good: within('0x10'), total: timed }, 'has no le="…" with seconds'],
    [
      '20,000 parentheses',
      { good: `${'('.repeat(20_000)}${good}${')'.repeat(20_000)}`, total: all },
      'longer than 4000 words',
    ],
    [
      'parentheses in parentheses',
      { good: `${'('.repeat(60)}${good}${')'.repeat(60)}`, total: all },
      'nested over 50 deep',
    ],
    ['20,000 summands', { good: Array(20_000).fill(good).join('+'), total: all }, 'longer than 4000 words'],
    ['100,000 digits', { good: `${'1'.repeat(100_000)}x`, total: all }, 'is no PromQL'],
    ['something torn', { good: 'sum(', total: all }, 'stands where a metric or a function should'],
    ['no PromQL at all', { good: 'SELECT § FROM x', total: all }, 'is no PromQL'],
  ])('%s', (_, queries, why) => {
    expect(() => recognised(queries)).toThrow(NotUnderstood);
    expect(() => recognised(queries)).toThrow(why);
  });
});

test('as many summands as are read at all do not end it', () => {
  const many = Array(250).fill(good).join('+');
  expect(() => recognised({ good: many, total: all })).toThrow('its good results are no share of its total');
});

test('arithmetic binds as it does in PromQL', () => {
  const shape = (text: string): unknown =>
    JSON.parse(JSON.stringify(parsePromql(text)), (_, value) =>
      value?.kind === 'binary' ? [value.left, value.op, value.right] : (value?.metric ?? value?.value ?? value),
    );
  expect(shape('a - b - c / d')).toEqual([['a', '-', 'b'], '-', ['c', '/', 'd']]);
  expect(shape('(a - b) * c or d')).toEqual([[['a', '-', 'b'], '*', 'c'], 'or', 'd']);
  expect(shape('1 - a / on(x) b')).toEqual([1, '-', ['a', '/', 'b']]);
});
