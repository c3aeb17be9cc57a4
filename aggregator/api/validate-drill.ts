/** A drill as its runner announces it: what would break the page that shows it is refused. */
import { type DrillReport, drillPhases } from '../../contract/drill.ts';
import { isObject } from '../../contract/json.ts';
import { describeMistake } from '../../contract/mistake.ts';
import { at, type Fields, isName, isTime, objectOf, shown, yearsWanted } from './fields.ts';
import { badRequest } from './problem.ts';
import { detailRules } from './validate-drill-details.ts';

export type DrillPost = { readonly drill: DrillReport; readonly html: string | null };

/** A report, bare or with its page. What a report may lack is filled in as not known yet. */
export function readDrill(body: unknown, nowMs: number): DrillPost {
  const outer = objectOf(body, 'a drill');
  const bare = !isObject(outer['drill']);
  const drill = bare ? outer : (outer['drill'] as Fields);
  const html = bare ? null : (outer['reportHtml'] ?? null);
  const verdict = isObject(drill['verdict']) ? drill['verdict'] : {};
  const rules: readonly [string, boolean, string][] = [
    [
      'id',
      typeof drill['id'] === 'string' && /^[\w.:-]{1,200}$/.test(drill['id']),
      'letters, digits, dots, colons and dashes',
    ],
    ['name', isName(drill['name']), 'a text of 1 to 256 characters'],
    ['status', drill['status'] === 'running' || drill['status'] === 'over', 'running or over'],
    ['phase', (drillPhases as readonly unknown[]).includes(drill['phase']), `one of ${drillPhases.join(', ')}`],
    [
      'verdict.status',
      ['pass', 'fail', 'inconclusive'].includes(String(verdict['status'])),
      'pass, fail or inconclusive',
    ],
    ['verdict.because', typeof verdict['because'] === 'string', 'a sentence'],
    ['startedMs', isTimeOrAbsent(drill['startedMs']), `epoch milliseconds, ${yearsWanted}`],
    ['endedMs', isTimeOrAbsent(drill['endedMs']), `epoch milliseconds, ${yearsWanted}, or null`],
    ['aliveAtMs', isTimeOrAbsent(drill['aliveAtMs']), `epoch milliseconds, ${yearsWanted}`],
    ['stages', isStageTable(drill['stages']), 'vantage, client and stage to { lowerMs, upperMs }'],
    ['failback', isStageTable(drill['failback']), 'vantage, client and stage to { lowerMs, upperMs }'],
    ['predicted', isTree(drill['predicted'], 2), 'stage to { p5, p50, p95 }'],
    [
      'left',
      drill['left'] === undefined ||
        (Array.isArray(drill['left']) && drill['left'].every((one) => typeof one === 'string')),
      'an array of sentences',
    ],
    ...detailRules(drill),
  ];
  const wrong = rules.filter(([, holds]) => !holds);
  const mistakes = wrong.map(([place, , want]) => describeMistake({ place, got: shown(at(drill, place)), want }));
  if (html !== null && typeof html !== 'string')
    mistakes.push(describeMistake({ place: 'reportHtml', got: shown(html), want: 'a text' }));
  if (mistakes.length > 0) throw badRequest(mistakes.join('; '), 'see DrillReport in the API reference');
  return { drill: { ...blank(nowMs), ...drill } as DrillReport, html: html as string | null };
}

function blank(nowMs: number): Omit<DrillReport, 'id' | 'name' | 'status' | 'phase' | 'verdict'> {
  return {
    scenario: '',
    fault: '',
    region: '',
    t0: null,
    restoreCalled: null,
    predicted: {},
    stages: {},
    outage: {},
    failback: {},
    entries: [],
    restored: false,
    left: [],
    findings: [],
    residency: null,
    overrides: {},
    startedMs: nowMs,
    endedMs: null,
  };
}

/** Numbers at the leaves, `depth` objects deep. */
function isTree(value: unknown, depth: number): boolean {
  if (value === undefined) return true;
  if (depth === 0) return typeof value === 'number';
  return isObject(value) && Object.values(value).every((inner) => inner !== undefined && isTree(inner, depth - 1));
}

function isStageTable(value: unknown): boolean {
  return isTree(value, 4);
}

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || isTime(value);
}
