import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, sound } from './sound.ts';

describe('a scenario', () => {
  test('that is sound has no mistakes', () => {
    expect(mistakesOf(sound())).toEqual([]);
  });

  test('with several mistakes says all of them at once', () => {
    const source = broken(['checks', 0, 'every'], 10);
    source['service'] = 7;
    source['drills'] = [{ name: 'x' }];
    expect(mistakesOf(source).map((line) => line.split(':')[0])).toEqual([
      'service',
      'checks[0].every',
      'drills[0].fault',
      'drills[0].expect',
    ]);
  });

  test('that is no mapping, or empty, says what it needs', () => {
    expect(mistakesOf([])).toEqual(['scenario: got [], want a mapping with service, entry and regions']);
    expect(mistakesOf({ service: 'shop' })).toEqual([
      'entry: got no entry name and no region, want at least one of either: there is nothing to watch',
    ]);
  });

  test('sends no header that a request cannot have', () => {
    for (const value of ['a\nx-admin: yes', 'a\0', '✓']) {
      expect(mistakesOf(broken(['checks', 0, 'headers'], { 'x-who': value }))).toEqual([
        expect.stringMatching(/^checks\[0\]\.headers\.x-who: got .*, want the value of the header, of Latin letters/),
      ]);
    }
    expect(mistakesOf(broken(['checks', 0, 'headers'], { 'x-who': 'Zoë, a\tb' }))).toEqual([]);
  });

  test('loses the section that is for the lab alone', () => {
    expect(parseScenario({ ...sound(), lab: { anything: [] } })).not.toHaveProperty('lab');
  });

  test('gives what is left open its default', () => {
    const scenario = parseScenario(sound());
    expect(scenario.checks[0]).toMatchObject({ timeoutMs: 10_000, from: null, method: 'GET', path: '/' });
    expect(scenario.checks[1]).toMatchObject({ server: 'authorities', recordType: 'A' });
    expect(scenario.checks[2]).toMatchObject({ method: 'POST', body: '{}', timeoutMs: 10_000 });
    expect(scenario.drills[0]).toMatchObject({
      expect: [{ withinMs: 240_000, failbackMs: 240_000, residency: null }],
      burst: { everyMs: 250, forMs: 600_000 },
      leaseMs: 30_000,
      holdMs: 30_000,
      schedule: null,
    });
    expect(scenario.identity).toEqual({ servedBy: 'x-region', storedIn: null });
    expect(scenario.metricsPrefix).toBe('blackstart');
    expect(scenario.inventory['eu-west-1']?.records).toBe('$.records[*]');
    expect(scenario.residency[0]?.countries).toHaveLength(27);
  });

  test('asks its resolver for places when it names no name servers', () => {
    expect(parseScenario(broken(['zone', 'nameservers'], [])).checks[1]).toMatchObject({ server: 'resolver' });
  });

  test('counts the latency of a region from its own vantage, and everything else from all', () => {
    const latency = { id: 'l', check: 'home', indicator: { latency: 'p99.9' }, target: '1s', window: '1d' };
    const source = broken(
      ['objectives'],
      [
        { ...latency, region: 'us-east-1' },
        { ...latency, id: 'all' },
      ],
    );
    expect(parseScenario(source).objectives.map(({ from }) => from)).toEqual(['own', 'all']);
    expect(parseScenario(source).objectives[0]?.indicator).toEqual({
      kind: 'latency',
      quantile: 0.999,
      targetMs: 1_000,
    });
  });

  test('splits what given shares leave among the regions that give none', () => {
    const source = broken(['regions', 'eu-west-1', 'share'], undefined);
    expect(parseScenario(source).regions['eu-west-1']?.share).toBe(40);
  });

  test('may name places of its own, in place of those that are built in', () => {
    const own = { subnet: '2001:db8::/48', country: 'GB', continent: 'EU' };
    expect(parseScenario(broken(['places'], { london: own })).places).toMatchObject({
      london: own,
      'new-york': { country: 'US' },
    });
  });
});
