/** What both dashboards have: who they are, how they lead to each other, and the moments of drills. */
import { createHash } from 'node:crypto';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { catalogue } from '../../../contract/catalogue.ts';
import type { DashboardOptions } from '../options.ts';
import { colours } from './colours.ts';
import { datasource } from './panels.ts';
import { is, select, type Wants } from './promql.ts';

export type Which = 'fleet' | 'drill';

/** Longest uid that Grafana takes. */
const maxUidLength = 40;

/** Stays the same for a service: links and bookmarks hold when the dashboards are generated again. */
export function uidOf(which: Which, service: string): string {
  const plain = `blackstart-${which}-${service.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  if (plain.length <= maxUidLength && plain.endsWith(`-${service}`)) return plain;
  const mark = createHash('sha256').update(service).digest('hex').slice(0, 8);
  return `${plain.slice(0, maxUidLength - 1 - mark.length).replace(/-$/, '')}-${mark}`;
}

type About = { readonly title: string; readonly description: string; readonly time: { from: string; to: string } };

export function frame(which: Which, { title, description, time }: About, options: DashboardOptions): DashboardBuilder {
  const { service, aggregatorUrl } = options;
  const dashboard = new DashboardBuilder(title)
    .uid(uidOf(which, service))
    .description(description)
    .tags(['blackstart', service])
    .timezone('utc')
    .tooltip(DashboardCursorSync.Crosshair)
    .time(time)
    .refresh('10s');
  const other = which === 'fleet' ? 'drill' : 'fleet';
  dashboard.link(
    linkTo(other === 'drill' ? 'Drills' : 'Fleet', `/d/${uidOf(other, service)}`).keepTime(other === 'fleet'),
  );
  if (aggregatorUrl !== null) dashboard.link(linkTo('Aggregator', aggregatorUrl).targetBlank(true));
  return dashboard;
}

export function linkTo(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).icon('external link').url(url).tooltip(title);
}

const moments = [
  { moment: 'started', title: 'drill began', colour: colours.sky },
  { moment: 't0', title: 't0: injected', colour: colours.vermillion },
  { moment: 'restore-called', title: 'restore called', colour: colours.orange },
  { moment: 'ended', title: 'drill over', colour: colours.green },
] as const;

/** Lines at the moments of drills, at the times that the metric's values say. */
export function drillAnnotations(dashboard: DashboardBuilder, wants: Wants): void {
  for (const { moment, title, colour } of moments) {
    const times = select(catalogue.drillMoment, { ...wants, moment: is(moment), bound: is('lower') });
    const expr = `${times} * 1000`;
    dashboard.annotation(
      new AnnotationQueryBuilder()
        .name(title)
        .datasource(datasource)
        .enable(true)
        .iconColor(colour)
        .expr(expr)
        .step('10s')
        .titleFormat(`${title}: {{name}}`)
        .textFormat('{{drill}}')
        .tagKeys('region')
        .useValueForTime(true)
        .target(new DataqueryBuilder().refId('Anno').datasource(datasource).expr(expr).interval('10s')),
    );
  }
}
