/** docs/drills/predictions.md has each number that a prediction is made from. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { decidingChecker, type HealthCheckSettings, sees, tryMs } from '../../chaos/predict/input.ts';
import { noPast } from '../../chaos/predict/past.ts';
import { forecast, meets, type PredictionInput, timingOf } from '../../chaos/predict.ts';
import { failureModes } from '../../contract/failure-mode.ts';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, sound } from '../scenarios/sound.ts';
import { codeIn, flowing, pageText, rowsOf } from './pages.ts';

const page = pageText('predictions.md');
const check: HealthCheckSettings = { kind: 'over-http', everyMs: 30_000, threshold: 3, checkers: 16 };
const unknown = { replicas: 1, settings: [] };
/** An input of every name: the compiler knows whether one is missing. */
const input: Required<PredictionInput> = {
  way: 'failover',
  check,
  leaves: true,
  mode: 'status-503',
  ttlMs: 60_000,
  ttlOf: 'alias',
  copies: [],
  ...timingOf('failover', unknown, noPast),
  targets: [],
  needs: 'either',
  look: { fromMs: 5, toMs: 150 },
  nameservers: 4,
  burstEveryMs: 250,
  statusEveryMs: 2_000,
  endpointsEveryMs: 250,
  holdMs: 10_000,
  attemptMs: 100,
  failMs: 100,
  directFailMs: 100,
  seed: 1,
};

test('each input has its row, and each row its input', () => {
  expect(
    rowsOf(page, 'input')
      .map(([name]) => codeIn(name))
      .toSorted(),
  ).toEqual(Object.keys(input).toSorted());
});

test('each mode of failure has its row, with what a failing try costs', () => {
  const over = (kind: HealthCheckSettings['kind'], mode: (typeof failureModes)[number]): string =>
    `${tryMs({ ...check, kind }, mode) / 1_000} s`;
  const want = failureModes.map((mode) => [`\`${mode}\``, over('over-http', mode), over('tcp', mode)]);
  const indented = page.replaceAll(/^ {3}\|/gm, '|');
  expect(rowsOf(indented, 'mode').toSorted()).toEqual(want.toSorted());
});

test('the checkers that decide, and what a check over TCP does not see, are as told', () => {
  expect([decidingChecker(16, 'failover'), decidingChecker(16, 'failback')]).toEqual([14, 3]);
  expect(flowing(page)).toContain('the 14th to flip decides on the way down, and the 3rd on the way up');
  expect(failureModes.filter((mode) => !sees('tcp', mode))).toEqual(['status-503', 'hung']);
  expect(page).toContain('A check over TCP never notices a region that answers 503 or hangs');
});

test('what is taken where nothing is known is as told', () => {
  const cell = (name: string): string => rowsOf(page, 'input').find(([first]) => codeIn(first) === name)?.[2] ?? '';
  const { drain, serving, publish } = timingOf('failover', unknown, noPast);
  expect(drain.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [10, 50],
    [50, 250],
  ]);
  expect(cell('drain')).toBe('10 to 250 ms, of either order alike: up to 50 ms or 250 ms');
  const upTo = (...ms: readonly number[]) => ms.map((toMs) => ({ fromMs: 0, toMs }));
  expect(serving).toEqual(upTo(50, 500));
  expect(publish.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [0, 50],
    [50, 500],
    [500, 5_000],
  ]);
  const told = 'at once (50 ms) in half of the runs, in the others up to 500 ms, and as long as preStop';
  expect([cell('serving'), cell('publish')]).toEqual([
    told,
    'up to 5 s, of any order alike: up to 50 ms, 500 ms or 5 s',
  ]);
  const targets = (['failover', 'failback'] as const).map((way) => timingOf(way, unknown, noPast).targets);
  expect(targets).toEqual([[...upTo(50), { fromMs: 300_000, toMs: 300_000 }], upTo(30_000)]);
  expect(cell('targets')).toBe(
    "at once (50 ms) in half of the runs, in the others AWS's deregistration delay of 5 min; for failback up to AWS's health check interval of 30 s",
  );
  const starting = timingOf('failback', unknown, noPast).pods?.starting ?? [];
  expect(starting.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [50, 200],
    [200, 800],
    [800, 3_200],
    [3_200, 20_000],
  ]);
  expect(cell('pods')).toBe('a start of 50 ms to 20 s, of any order alike: up to 200 ms, 800 ms, 3.2 s or 20 s');
});

test('the example of a limit that cannot be met is what it says', () => {
  expect(page).toContain(`\n${meets(forecast(input), 60_000).because}\n`);
});

test('the shares of cold clients that a deregistration delay leaves are as told', () => {
  const none = [{ fromMs: 0, toMs: 0 }];
  const share = (seconds: number): number => {
    const targets = [{ fromMs: seconds * 1_000, toMs: seconds * 1_000 }];
    const made = forecast({ ...input, check: null, targets, drain: none, publish: none, attemptMs: 0 });
    return Math.round(100 * (meets(made, 60_000).probability ?? Number.NaN));
  };
  const told = /a delay of 5 s leaves (\d+) % of cold .* 20 s (\d+) %, 30 s (\d+) %/.exec(flowing(page))?.slice(1);
  for (const [index, seconds] of [5, 20, 30].entries())
    expect(Math.abs(share(seconds) - Number(told?.[index]))).toBeLessThan(2);
});

test('the example of a load balancer is read as a scenario has it', () => {
  const written = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { regions } = parse(written) as { regions: { 'us-east-1': object } };
  const [region] = Object.entries(sound()['regions'] as Record<string, object>)[0] ?? [];
  const scenario = broken(['regions', region ?? '', 'loadBalancer'], Object.values(regions['us-east-1'])[0]);
  expect(parseScenario(scenario).regions[region ?? '']?.loadBalancer).toEqual({
    deregistrationDelayMs: 30_000,
    healthCheckIntervalMs: 10_000,
  });
});
