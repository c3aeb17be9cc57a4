import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranked } from '../../../probes/placement/ranking.ts';

const urls = fc.uniqueArray(fc.webUrl(), { minLength: 1, maxLength: 8 });
const some = Array.from({ length: 3_000 }, (_, index) => `vantage-${index}`);
const three = ['http://a:9400/', 'http://b:9400/', 'http://c:9400/'];

test('every aggregator is in the order once, and the order of the list does not matter', () => {
  fc.assert(
    fc.property(fc.string(), urls, (agent, all) => {
      const order = ranked(agent, all);
      expect([...order].sort()).toEqual([...all].sort());
      expect(ranked(agent, all.toReversed())).toEqual(order);
    }),
  );
});

test('one that goes moves only its own agents, and each of them to its second', () => {
  fc.assert(
    fc.property(fc.string(), urls, fc.nat(), (agent, all, drawn) => {
      const gone = all[drawn % all.length];
      const rest = all.filter((one) => one !== gone);
      expect(ranked(agent, rest)).toEqual(ranked(agent, all).filter((one) => one !== gone));
    }),
  );
});

test('each has its share of the agents, also where names differ in one letter', () => {
  const firsts = Map.groupBy(some, (agent) => ranked(agent, three)[0]);
  // A thousand each, give or take six standard deviations.
  for (const url of three) expect(Math.abs((firsts.get(url)?.length ?? 0) - 1_000), url).toBeLessThan(155);
});

test('a fourth takes its share from all three alike', () => {
  const moved = some.filter((agent) => ranked(agent, [...three, 'http://d:9400/'])[0] === 'http://d:9400/');
  expect(Math.abs(moved.length - 750)).toBeLessThan(145);
  const from = Map.groupBy(moved, (agent) => ranked(agent, three)[0]);
  for (const url of three) expect(Math.abs((from.get(url)?.length ?? 0) - 250), url).toBeLessThan(90);
});
