/** Drills that are due at set times: one that did not run is as bad as one that failed. */
import { DateTimeFromNow, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import { meaning, type State, statusStates, statusWords } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, states } from '../panels.ts';
import { coded, highest, select } from '../promql.ts';

const by = ['scenario', 'name'];
const dueStates: readonly State[] = [
  { value: 0, word: 'in time', colour: meaning.good },
  { value: 1, word: 'overdue', colour: meaning.bad },
];

export function schedulesRow(): Row {
  const overdue = highest(by, select(catalogue.drillOverdue));
  const panels = [
    cells({
      title: 'When each is due, and how it went last',
      description:
        'Drills with a schedule. Overdue: it was due and has not begun within its grace. Nothing is shown of a last run before the first one.',
      queries: [
        { expr: overdue, instant: true },
        { expr: coded(catalogue.drillLastStatus, {}, 'status', statusWords, by), instant: true },
        { expr: `${highest(by, select(catalogue.drillLastRun))} * 1000`, instant: true },
        { expr: `${highest(by, select(catalogue.drillNextDue))} * 1000`, instant: true },
      ],
      headings: { 'Value #A': 'schedule', 'Value #B': 'last verdict', 'Value #C': 'last run', 'Value #D': 'next due' },
      states: { schedule: dueStates, 'last verdict': statusStates },
      units: { 'last run': DateTimeFromNow, 'next due': DateTimeFromNow },
      ...{ width: 14, height: 8, unit: Short },
    }),
    states({
      title: 'Overdue',
      description: 'Since when a drill that was due has not begun.',
      queries: [{ expr: overdue, legend: '{{scenario}}: {{name}}' }],
      states: dueStates,
      ...{ width: 10, height: 8, unit: Short },
    }),
  ];
  return { title: 'Drills on a schedule', panels };
}
