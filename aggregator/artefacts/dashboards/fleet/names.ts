/** Where names lead, and whether they are answered as expected. */
import { PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import type { DashboardOptions } from '../../options.ts';
import { coloursOf } from '../colours.ts';
import type { Row } from '../layout.ts';
import { lines, type Placed } from '../panels.ts';
import { among, chosen, is, quantile, rate, select, share, total } from '../promql.ts';

export function namesRow({ dnsChecks, regions }: DashboardOptions): Row {
  const resolve = resolving();
  return { title: 'DNS', panels: dnsChecks.length === 0 ? [resolve] : [...asked(dnsChecks, regions), resolve] };
}

function asked(dnsChecks: readonly string[], regions: readonly string[]): readonly Placed[] {
  const wants = { check: among(dnsChecks), vantage: chosen('vantage') };
  const by = ['check', 'vantage'];
  const good = total(by, rate(select(catalogue.probeResults, { ...wants, outcome: is('good') })));
  const all = total(by, rate(select(catalogue.probeResults, wants)));
  return [
    lines({
      title: 'DNS answers as expected',
      description: 'Share of DNS checks that led where they have to, by check and vantage.',
      queries: [{ expr: share(good, all), legend: '{{check}} from {{vantage}}' }],
      ...{ width: 12, height: 8, unit: PercentUnit, min: 0, max: 1 },
    }),
    lines({
      title: 'Where names lead',
      description: 'Answers of the DNS checks by the region that they led to.',
      queries: [{ expr: total(['region'], rate(select(catalogue.probeResults, wants))), legend: '{{region}}' }],
      stacked: 'share',
      colours: coloursOf(regions),
      ...{ width: 12, height: 8, unit: 'cps' },
    }),
    lines({
      title: 'Length of DNS answers (p95)',
      description: '95th percentile of DNS checks that were answered as expected.',
      queries: [
        {
          expr: quantile(0.95, catalogue.probeDuration, { by, wants, window: '$__rate_interval' }),
          legend: '{{check}} from {{vantage}}',
        },
      ],
      ...{ width: 12, height: 8, unit: Seconds, min: 0 },
    }),
  ];
}

function resolving(): Placed {
  const wants = { phase: is('resolve'), vantage: chosen('vantage'), check: chosen('check') };
  const of = (part: '_sum' | '_count'): string => total(['vantage'], rate(select(catalogue.probePhase, wants, part)));
  return lines({
    title: 'Time spent resolving',
    description: 'Mean length of the resolve phase at each vantage: its own resolver is slow where this is high.',
    queries: [{ expr: `${of('_sum')} / ${of('_count')}`, legend: '{{vantage}}' }],
    ...{ width: 12, height: 8, unit: Seconds, min: 0 },
  });
}
