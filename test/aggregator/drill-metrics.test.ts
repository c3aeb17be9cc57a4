import { describe, expect, test } from 'vitest';
import type { ApiError } from '../../contract/api.ts';
import type { DrillReport } from '../../contract/drill.ts';
import { aggregator, post } from './harness.ts';
import { drill } from './posts.ts';

const bounds = { lowerMs: 4_000, upperMs: 4_500 };
const passage = {
  vantage: 'here',
  client: 'fresh',
  observed: true,
  others: [],
  servedBy: ['eu-west-1'],
  gapMs: 100,
} as const;
const outage = { began: bounds, attempts: 3, unseen: false } as const;
const entry = {
  ...{ servedBy: ['eu-west-1'], withinMs: 8_000, failbackMs: 8_000, failback: { stages: {}, passages: [] } },
  verdict: { status: 'pass', because: 'within its limit' },
} as const;
const whole = {
  ...drill,
  t0: { lowerMs: 1_700_000_001_000, upperMs: 1_700_000_001_250 },
  restoreCalled: null,
  predicted: { detect: { p5: 2_000, p50: 3_000, p95: 4_000 } },
  failback: { here: { fresh: { capacity: bounds } } },
  entries: [
    {
      ...{ ...entry, entry: 'api' },
      failover: {
        stages: {},
        passages: [{ ...passage, main: { ...outage, ended: bounds, length: { lowerMs: 3_000, upperMs: 3_500 } } }],
      },
    },
    {
      ...{ ...entry, entry: 'standby' },
      failover: {
        stages: {},
        passages: [
          { ...passage, main: { ...outage, ended: null, length: { lowerMs: 9_000, upperMs: null } } },
          { ...passage, client: 'pooled', main: null },
        ],
      },
    },
  ],
  verified: [{ part: 'replicas', name: 'deployment/agent-api', wanted: '10', found: '10', state: 'as-it-was' }],
  replicas: { wanted: 10, ready: 4 },
} satisfies Partial<DrillReport>;

async function seriesOf(url: string): Promise<readonly string[]> {
  const answer = await fetch(new URL('/metrics', url));
  expect(answer.status).toBe(200);
  return (await answer.text()).split('\n').filter((line) => line.startsWith('blackstart_drill_'));
}

describe('metrics of a drill', () => {
  test('have its moments, outages, failback, prediction, replicas, and what was verified', async () => {
    const { url } = await aggregator();
    expect((await post(url, '/api/v1/drills', whole)).status).toBe(201);
    const named = 'drill="d-1",name="lose-us-east-1",region="us-east-1"';
    const series = await seriesOf(url);
    for (const line of [
      `blackstart_drill_timestamp_seconds{${named},moment="started",bound="lower"} 1700000000`,
      `blackstart_drill_timestamp_seconds{${named},moment="t0",bound="upper"} 1700000001.25`,
      'blackstart_drill_outage_seconds{drill="d-1",entry="api",vantage="here",client="fresh",bound="upper"} 3.5',
      'blackstart_drill_outage_seconds{drill="d-1",entry="standby",vantage="here",client="fresh",bound="lower"} 9',
      'blackstart_drill_failback_seconds{drill="d-1",vantage="here",client="fresh",stage="capacity",bound="lower"} 4',
      'blackstart_drill_predicted_seconds{drill="d-1",stage="detect",bound="p95"} 4',
      'blackstart_drill_entry_status{drill="d-1",entry="api",status="pass"} 1',
      'blackstart_drill_entry_status{drill="d-1",entry="api",status="fail"} 0',
      `blackstart_drill_replicas{${named},state="ready"} 4`,
      `blackstart_drill_verified{${named},part="replicas",item="deployment/agent-api",state="as-it-was"} 1`,
    ])
      expect(series).toContain(line);
  });

  test('say nothing of what has not come, or is open', async () => {
    const { url } = await aggregator();
    await post(url, '/api/v1/drills', whole);
    const series = await seriesOf(url);
    for (const absent of [
      /moment="restore-called"/,
      /moment="ended"/,
      /entry="standby".*bound="upper"/,
      /client="pooled"/,
    ])
      expect(series.filter((line) => absent.test(line))).toEqual([]);
  });

  test('have no replicas once it is over: nobody looks any more', async () => {
    const { url } = await aggregator();
    await post(url, '/api/v1/drills', { ...whole, status: 'over', phase: 'over' });
    expect((await seriesOf(url)).filter((line) => line.startsWith('blackstart_drill_replicas'))).toEqual([]);
  });

  test('of what is not as it has to be are refused with the drill, and every other number is still given', async () => {
    const { url } = await aggregator();
    const answer = await post(url, '/api/v1/drills', {
      ...whole,
      t0: 'yesterday',
      entries: [{ entry: 'api', verdict: { status: 'pass' }, failover: { passages: [{ vantage: 'here' }] } }],
      verified: [null],
      replicas: { wanted: 'ten' },
    });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as ApiError;
    for (const place of ['t0:', 'entries:', 'verified:', 'replicas:']) expect(error.message).toContain(place);
    expect(await seriesOf(url)).toEqual([]);
  });
});
