import { describe, expect, test } from 'vitest';
import type { DrillFacts } from '../../chaos/facts.ts';
import { exitOf, reportOf } from '../../chaos/judge.ts';
import { progressOf } from '../../chaos/progress.ts';
import type { StoredResult } from '../../contract/api.ts';
import { exactly } from '../../contract/bounds.ts';
import { attempts, facts, heir, lost, originMs, result } from '../fakes/drill-facts.ts';

/** Out at 200, over at 500; restored at 1,000, back at 1,300. */
const whole = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR...XXXXX'), ...attempts(1_000, 'XX.RRRRRRR')];
const restored = { restoreCalled: exactly(originMs + 1_000) };

function drill(results: readonly StoredResult[] = whole, more: Partial<DrillFacts> = {}): DrillFacts {
  return facts(results, { ...restored, ...more });
}
function wish(more: Partial<DrillFacts['expect'][number]>): Pick<DrillFacts, 'expect'> {
  return { expect: [{ entry: 'api', servedBy: [heir], withinMs: 2_000, failbackMs: 2_000, residency: null, ...more }] };
}

describe('the limit on failover', () => {
  test('is met when the upper bound is within it', () => {
    const report = reportOf(drill());
    expect(report.verdict.status).toBe('pass');
    expect(report.verdict.because).toContain('vantage here served again 455 ms ± 55 ms after t0, limit 2.00 s');
    expect(exitOf(report)).toBe(0);
  });
  test('is missed when the lower bound is over it', () => {
    const report = reportOf(drill(whole, wish({ withinMs: 300 })));
    expect(report.verdict.status).toBe('fail');
    expect(exitOf(report)).toBe(1);
  });
  test('is undecided in between, and says which burst interval would decide', () => {
    const report = reportOf(drill(whole, wish({ withinMs: 500 })));
    expect(report.verdict.status).toBe('inconclusive');
    expect(report.verdict.because).toMatch(/may be over the limit of 500 ms: (bursts every|no burst interval)/);
    expect(exitOf(report)).toBe(3);
  });
  test('is missed when nobody took over and the record reaches past it', () => {
    const dark = [...attempts(-500, 'RRRRR'), ...attempts(0, 'R.........'), ...attempts(1_000, '..RRRRR')];
    expect(reportOf(drill(dark, wish({ withinMs: 800 }))).verdict).toMatchObject({ status: 'fail' });
    expect(reportOf(drill(dark, wish({ withinMs: 2_000 }))).verdict).toMatchObject({ status: 'inconclusive' });
  });
  test('is missed when somebody took over who may not', () => {
    const wrong = [...attempts(-500, 'RRRRR'), ...attempts(0, 'R..FFFFFFF'), ...attempts(1_000, 'FFRRRRR')];
    const { verdict } = reportOf(drill(wrong));
    expect(verdict.status).toBe('fail');
    expect(verdict.because).toContain('ap-southeast-1 served clients at here, want eu-west-1');
  });
});

test('a failback over its limit fails the drill', () => {
  expect(reportOf(drill(whole, wish({ failbackMs: 100 }))).verdict.status).toBe('fail');
});

describe('where nobody may take over', () => {
  const dark = [...attempts(-500, 'RRRRR'), ...attempts(0, 'R.........'), ...attempts(1_000, '...RRRRR')];
  test('the outage that failback ends is the pass, and its length the price', () => {
    const { verdict } = reportOf(drill(dark, wish({ servedBy: [] })));
    expect(verdict.status).toBe('pass');
    expect(verdict.because).toContain('nobody took over');
    expect(verdict.because).toContain('the outage at here was 1.20 s');
  });
  test('a region that served all the same fails it', () => {
    expect(reportOf(drill(whole, wish({ servedBy: [] }))).verdict.status).toBe('fail');
  });
});

describe('residency', () => {
  const asked = (status: number, by: string | null): StoredResult[] => [
    result({ from: 400, to: 420, by, check: 'residency', details: { status } }),
  ];
  const holds = wish({ residency: 'holds' });
  test('holds while users are refused or in the dark', () => {
    const report = reportOf(drill([...whole, ...asked(503, null)], holds));
    expect(report.residency).toMatchObject({ status: 'pass' });
    expect(report.verdict.status).toBe('pass');
  });
  test('is broken by an answer from the wrong place: available but not compliant', () => {
    const served = result({ from: 400, to: 420, by: null, led: heir, check: 'residency', details: { status: 201 } });
    const report = reportOf(drill([...whole, served], holds));
    expect(report.residency).toMatchObject({ status: 'fail' });
    expect(report.verdict.because).toContain('available but not compliant');
  });
  test('is unknown without a check of it', () => {
    expect(reportOf(drill(whole, holds)).verdict.status).toBe('inconclusive');
  });
});

test('a region that is not back is exit code 5, whatever the limits say', () => {
  const report = reportOf(drill(whole, { restored: false, left: ['agent-api: 4 of 10 replicas'] }));
  expect(report).toMatchObject({ restored: false, verdict: { status: 'fail' } });
  expect(report.verdict.because).toContain('4 of 10');
  expect(exitOf(report)).toBe(5);
});

test('a drill that injected nothing is inconclusive and says why', () => {
  const report = reportOf(
    drill(attempts(-500, 'RRRRR'), { t0: null, restoreCalled: null, stopped: 'the fleet is not well' }),
  );
  expect(report.verdict).toEqual({ status: 'inconclusive', because: 'the fleet is not well' });
  expect(exitOf(report)).toBe(3);
});

test('without a vantage that was on the region the verdict is inconclusive', () => {
  const { verdict } = reportOf(drill([...attempts(-500, 'XXXXX'), ...attempts(0, 'XXXXXXXX')]));
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.because).toContain('no vantage was served by us-east-1 at t0');
});

test('a kept connection that never moved is a finding and fails nothing', () => {
  const kept = attempts(-500, `RRRRRR${'.'.repeat(20)}`, {
    client: 'pooled',
    details: { connection: 1, connectedAtMs: originMs - 900 },
  });
  const report = reportOf(drill([...whole, ...kept]));
  expect(report.verdict.status).toBe('pass');
  expect(report.findings.some((finding) => finding.includes(`never left ${lost}`))).toBe(true);
});

test('the worst of several entry names wins', () => {
  const standby = whole.map((one) => ({ ...one, entry: 'standby' }));
  const both: DrillFacts['expect'] = [
    ...drill().expect,
    { entry: 'standby', servedBy: [heir], withinMs: 300, failbackMs: 2_000, residency: null },
  ];
  const report = reportOf(drill([...whole, ...standby], { expect: both }));
  expect(report.entries.map(({ verdict }) => verdict.status)).toEqual(['pass', 'fail']);
  expect(report.verdict.status).toBe('fail');
});

test('t0 is told on the clock of the aggregator', () => {
  const report = reportOf(drill(whole, { offset: exactly(500) }));
  expect(report.t0?.lowerMs).toBeCloseTo(originMs + 500, 0);
});

describe('progress', () => {
  const until = (results: readonly StoredResult[], more: Partial<DrillFacts>): ReturnType<typeof progressOf> =>
    progressOf(facts(results, { phase: 'failing-over', restoreCalled: null, ...more }));
  test('baseline is served once enough good answers came from the region', () => {
    expect(until(attempts(-500, 'RR'), { t0: null }).baselineServed).toBe(false);
    expect(until(attempts(-500, 'RRRR'), { t0: null }).baselineServed).toBe(true);
    expect(until(attempts(-500, 'XXXX'), { t0: null }).baselineServed).toBe(false);
  });
  test('failed over with the run of good answers, and not before', () => {
    const base = attempts(-500, 'RRRRR');
    expect(until([...base, ...attempts(0, 'R..XX')], {}).failedOver).toBe(false);
    expect(until([...base, ...attempts(0, 'R..XXX')], {}).failedOver).toBe(true);
  });
  test('an outage is shown by as many failures', () => {
    const dark = wish({ servedBy: [] });
    expect(until([...attempts(-500, 'RRRRR'), ...attempts(0, 'R..')], dark).outageShown).toBe(false);
    expect(until([...attempts(-500, 'RRRRR'), ...attempts(0, 'R...')], dark).outageShown).toBe(true);
  });
  test('failed back with the run of good answers from the region', () => {
    expect(progressOf(drill(whole.slice(0, -5))).failedBack).toBe(false);
    expect(progressOf(drill(whole)).failedBack).toBe(true);
  });
});

describe('a weighted name', () => {
  const names = (fromMs: number, marks: string): StoredResult[] =>
    attempts(fromMs, marks, { check: 'authority', details: { server: 'a:53', ttlSeconds: 1 } });
  const mixed = 'RRXRXRRXRXRRXRXRRXRXRRXRXRRRXX';
  const before = [...names(-3_000, mixed), ...attempts(-500, 'RRRRR')];
  const back = [...names(5_000, 'XXXXRXRR'), ...attempts(5_000, 'XXXXRRRR')];
  const there = (far: readonly StoredResult[]): DrillFacts => facts([...before, ...far, ...back], wish({}));

  test('has failed over with the last bad attempt that was led to the region, once all name servers left it', () => {
    const far = [...names(0, `R${'X'.repeat(45)}`), ...attempts(0, `R..XXXXX...${'X'.repeat(35)}`)];
    const report = reportOf(there(far));
    expect(report.verdict.because).toContain('1.05 s ± 55 ms after t0');
    expect(report.verdict.status).toBe('pass');
  });
  test('is undecided while too few answers were seen', () => {
    const far = [...names(0, `R${'X'.repeat(8)}`), ...attempts(0, `R..${'X'.repeat(40)}`)];
    expect(reportOf(there(far)).verdict).toMatchObject({ status: 'inconclusive' });
  });
  test('fails when users are still led into the dark behind the limit', () => {
    const far = [...names(0, mixed), ...attempts(0, `R..${'XX...'.repeat(8)}`)];
    expect(reportOf(there(far)).verdict).toMatchObject({ status: 'fail' });
  });
});

test('with nobody on the region there is nothing to wait for', () => {
  const elsewhere = facts([...attempts(-500, 'XXXXX'), ...attempts(0, 'XXXXX')]);
  expect(progressOf(elsewhere)).toMatchObject({ failedOver: true, failedBack: true });
});

describe('a hole in the record', () => {
  /** Out at 200, over somewhere between 300 and 1,700, when attempts go on. */
  const holed = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR..'), ...attempts(1_700, 'XXXXX')];
  const back = { restoreCalled: exactly(originMs + 3_000) };
  const after = attempts(3_000, 'XX.RRRRRRR');
  const verdictOf = (results: readonly StoredResult[], more: Partial<DrillFacts['expect'][number]>) =>
    reportOf(drill([...results, ...after], { ...back, ...wish(more) })).verdict;

  test('where the limit hangs on it is inconclusive, and says from when to when', () => {
    const verdict = verdictOf(holed, { withinMs: 5_000 });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.because).toContain(
      'but no attempt began at here from 300 ms to 1.70 s after t0, and that decides: the record has a hole where the limit hangs on it',
    );
  });
  test('behind the first good answers decides nothing', () => {
    const later = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR..XXXX'), ...attempts(2_000, 'XXX')];
    expect(verdictOf(later, { withinMs: 5_000 }).status).toBe('pass');
  });
  test('ahead of the limit leaves a miss undecided: they may have been served in it', () => {
    const missed = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR..'), ...attempts(1_500, '...XXXXX')];
    expect(verdictOf(missed, { withinMs: 1_000 }).status).toBe('inconclusive');
    expect(verdictOf(missed, { withinMs: 250 }).status).toBe('fail');
  });
  test('on the way back is one too', () => {
    const there = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR...XXXXX')];
    const gone = [...attempts(1_000, 'XX.'), ...attempts(2_200, 'RRRRR')];
    const { verdict } = reportOf(drill([...there, ...gone], wish({ failbackMs: 5_000 })));
    expect(verdict).toMatchObject({ status: 'inconclusive' });
    expect(verdict.because).toContain('after the call of restore, and that decides');
  });
});

describe('failback', () => {
  const there = [...attempts(-500, 'RRRRR'), ...attempts(0, 'RR...XXXXX')];
  test('lists a return to the region that stood in as a flap, with its bounds', () => {
    const report = reportOf(drill([...there, ...attempts(1_000, 'XX.RRRRXXRRRRR')]));
    expect(report.verdict.status).toBe('pass');
    expect(report.findings).toContainEqual(
      expect.stringMatching(
        /^api: after their return fresh clients at here were served by eu-west-1 again: 2 answers, from 655 ms ± 55 ms to 855 ms ± 55 ms after the call of restore$/,
      ),
    );
  });
  test('tells when the last of the traffic left the region that stood in', () => {
    const { entries } = reportOf(drill([...there, ...attempts(1_000, 'XX.RRRRXXRRRRR')]));
    const { residual } = entries[0]?.failback.stages['here']?.fresh ?? {};
    expect([residual?.lowerMs, residual?.upperMs].map((ms) => Math.round(ms ?? 0))).toEqual([800, 910]);
  });
  test('tells whom it still serves at the end of the record', () => {
    const report = reportOf(drill([...there, ...attempts(1_000, 'XX.RRRRXXXXX')]));
    expect(report.findings).toContainEqual(
      expect.stringContaining('fresh clients at here were still served by eu-west-1 at the end of the record'),
    );
  });
  test('is not over with the first pod: capacity is the full count, with its bounds', () => {
    const endpoints = [-100, 50, 1_100, 1_300, 1_500].map((atMs, index) => ({
      sentMs: originMs + atMs,
      receivedMs: originMs + atMs + 10,
      ready: [10, 0, 0, 3, 10][index] ?? 0,
      replicas: 10,
    }));
    const { failback } = reportOf(drill(whole, { endpoints }));
    const stages = failback['here']?.fresh;
    expect([stages?.drain?.upperMs, stages?.capacity?.upperMs].map((ms) => Math.round(ms ?? 0))).toEqual([310, 510]);
  });
  test('of a health check that is still unhealthy is told', () => {
    const reading = { sentMs: originMs + 1_900, receivedMs: originMs + 1_910, healthyCount: 2, totalCount: 16 };
    expect(reportOf(drill(whole, { checkers: [{ ...reading, healthy: false }] })).findings).toEqual([
      'the health check of us-east-1 was still unhealthy at the end of the record: 2 of 16 checkers called it healthy',
    ]);
  });
});
