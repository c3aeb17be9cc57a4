import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginning, type Drill, type DrillEvent, next } from '../../../chaos/drill.ts';
import { exactly } from '../../../contract/bounds.ts';

const t0 = exactly(1_000);
const events: readonly DrillEvent[] = [
  { type: 'baseline-seen' },
  { type: 'injected', t0 },
  { type: 'injection-failed', t0, because: 'cut short' },
  { type: 'failed-over' },
  { type: 'gave-up-waiting' },
  { type: 'held' },
  { type: 'stop', because: 'asked to' },
  { type: 'restored', called: exactly(2_000) },
  { type: 'restore-failed', because: 'no answer' },
  { type: 'failed-back' },
];

/** The phases gone through, the last one's drill included. */
function walk(steps: readonly DrillEvent[]): readonly Drill[] {
  const path: Drill[] = [beginning];
  for (const event of steps) path.push(next(path.at(-1) ?? beginning, event));
  return path;
}

/** What must hold whatever happens. */
function breaches(path: readonly Drill[]): string | undefined {
  const phases = path.map(({ phase }) => phase);
  const last = path.at(-1) ?? beginning;
  const injected = phases.includes('injecting');
  const ended = phases.indexOf('over');
  if (last.phase !== 'over') return undefined;
  if (injected && !phases.slice(0, ended).includes('restoring')) return 'over without restoring';
  if (!injected && last.ending.kind !== 'untouched') return 'restored what was never touched';
  if (injected && last.ending.kind === 'untouched') return 'untouched after an injection';
  return undefined;
}

describe('the drill rules', () => {
  test('nothing injected reaches over without restoring, in every sequence of events to depth 6', () => {
    let seen = 0;
    const wrong: string[] = [];
    const visit = (path: readonly Drill[], depth: number): void => {
      seen += 1;
      const breach = breaches(path);
      if (breach !== undefined) wrong.push(`${breach}: ${path.map(({ phase }) => phase).join()}`);
      if (depth === 0) return;
      const last = path.at(-1) ?? beginning;
      for (const event of events) visit([...path, next(last, event)], depth - 1);
    };
    visit([beginning], 6);
    expect(wrong).toEqual([]);
    expect(seen).toBe(1_111_111);
  });

  test('nothing injected reaches over without restoring, in random walks of 200', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { minLength: 200, maxLength: 200 }), (steps) => {
        expect(breaches(walk(steps))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('a stop during injection waits for its end, and then restores', () => {
    const path = walk([
      { type: 'baseline-seen' },
      { type: 'stop', because: 'Ctrl-C' },
      { type: 'injection-failed', t0, because: 'Ctrl-C' },
    ]);
    expect(path.map(({ phase }) => phase)).toEqual(['baseline', 'injecting', 'injecting', 'restoring']);
  });

  test('a stop before injection ends the drill untouched', () => {
    expect(walk([{ type: 'stop', because: 'Ctrl-C' }]).at(-1)).toEqual({
      phase: 'over',
      ending: { kind: 'untouched', because: 'Ctrl-C' },
    });
  });

  test('the whole way', () => {
    const path = walk([
      { type: 'baseline-seen' },
      { type: 'injected', t0 },
      { type: 'failed-over' },
      { type: 'held' },
      { type: 'restored', called: exactly(2_000) },
      { type: 'failed-back' },
    ]);
    expect(path.map(({ phase }) => phase)).toEqual([
      'baseline',
      'injecting',
      'failing-over',
      'holding',
      'restoring',
      'failing-back',
      'over',
    ]);
    expect(path.at(-1)).toMatchObject({ ending: { kind: 'restored', stopped: null } });
  });
});
