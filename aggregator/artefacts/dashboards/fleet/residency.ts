/** Whether the data of each country's users stays where the rules want it. */
import { Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import type { DashboardOptions } from '../../options.ts';
import { meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, lines } from '../panels.ts';
import { highest, is, isNot, rate, select, total } from '../promql.ts';

export function residencyRow({ hasResidency }: DashboardOptions): Row {
  const violated = select(catalogue.residencyResults, { outcome: is('bad') });
  const answered = select(catalogue.residencyResults, { outcome: isNot('missing') });
  const where = ['country', 'check', 'region', 'served_by', 'vantage'];
  const panels = [
    cells({
      title: 'Violations',
      description:
        'Answers against the rule for users of a country, counted since the aggregator started, so that the first one shows: which check, the region asked, and who served it.',
      queries: [{ expr: `${highest(where, `max_over_time(${violated}[$__range])`)} > 0`, instant: true }],
      headings: { Value: 'violations' },
      steps: [[1, meaning.bad]],
      ...{ width: 12, height: 8, unit: Short },
    }),
    lines({
      title: 'Residency checks',
      description: 'Checks per second by the country of their user. Good: served, stored or refused as the rule says.',
      queries: [{ expr: total(['country', 'outcome'], rate(answered)), legend: '{{country}} {{outcome}}' }],
      colours: { good: meaning.good, bad: meaning.bad },
      stacked: 'sum' as const,
      ...{ width: 12, height: 8, unit: 'cps', min: 0 },
    }),
  ];
  return { title: 'Data residency', panels: hasResidency ? panels : [] };
}
