import { describe, expect, test } from 'vitest';
import { agentApi } from '../../../scenarios/agent-api.ts';
import { healthyFacts } from '../../fakes/facts.ts';

describe('rows', () => {
  test('all of a healthy run pass, each with a sentence that has a number in it', () => {
    const rows = agentApi.rows(healthyFacts());
    expect(rows.filter((row) => row.status !== 'pass')).toEqual([]);
    expect(rows.filter((row) => !/\d/.test(row.because) || row.measured === null || row.evidence.length === 0)).toEqual(
      [],
    );
  });

  test('are the ones that a plant can turn', () => {
    expect(agentApi.rows(healthyFacts()).map((row) => row.id)).toEqual(Object.keys(agentApi.plants));
  });

  test('of a run without any facts are inconclusive or say what is missing, and do not throw', () => {
    const nothing = {
      results: [],
      drillResults: [],
      drills: [],
      metrics: '',
      regionMetrics: {},
      audit: null,
      residencyLog: {},
    };
    const rows = agentApi.rows(healthyFacts(nothing));
    expect(rows.filter((row) => row.status === 'pass')).toEqual([]);
    expect(rows.filter((row) => row.status === 'fail').map((row) => row.id)).toEqual(['metrics.names']);
  });

  test('of drills that were not made say which', () => {
    const rows = agentApi.rows(healthyFacts({ drills: [] })).filter((row) => row.id.startsWith('failover.'));
    expect(rows.map((row) => [row.status, row.because])).toEqual([
      ['inconclusive', 'drill lose-us-east-1 was not made'],
      ['inconclusive', 'drill lose-us-east-1 was not made'],
      ['inconclusive', 'drill lose-eu-west-1 was not made'],
      ['inconclusive', 'drill lose-us-east-1 was not made'],
    ]);
  });
});
