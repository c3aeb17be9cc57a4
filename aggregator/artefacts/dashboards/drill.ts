/** The drill dashboard: one drill, from its baseline to what was read afresh at its end. */
import { type Dashboard, QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import { catalogue } from '../../../contract/catalogue.ts';
import type { DashboardOptions } from '../options.ts';
import { serviceRow } from './drill/service.ts';
import { stagesRow } from './drill/stages.ts';
import { drill, verdictRow } from './drill/verdict.ts';
import { drillAnnotations, frame, linkTo } from './frame.ts';
import { layOut } from './layout.ts';
import { datasource } from './panels.ts';
import { highest, is, select } from './promql.ts';
import { datasourceVariable, several } from './variables.ts';

export function drillDashboard(options: DashboardOptions): Dashboard {
  const { service, aggregatorUrl } = options;
  const about = {
    title: `${service}: drill`,
    description: `One drill on ${service}: how long users were in the dark, stage by stage with its bounds, and whether everything is back.`,
    time: { from: 'now-1h', to: 'now' },
  };
  const stages = catalogue.drillStage.name;
  const dashboard = frame('drill', about, options)
    .withVariable(datasourceVariable())
    .withVariable(newestDrill())
    .withVariable(several({ name: 'vantage', label: 'Vantage', series: stages, values: 'vantage' }))
    .withVariable(several({ name: 'client', label: 'Client', series: stages, values: 'client' }));
  if (aggregatorUrl !== null) {
    const report = new URL('api/v1/drills/', aggregatorUrl.endsWith('/') ? aggregatorUrl : `${aggregatorUrl}/`);
    dashboard.link(linkTo('Report', `${report}$drill/report.html`).targetBlank(true));
  }
  drillAnnotations(dashboard, drill);
  layOut(dashboard, [verdictRow(), stagesRow(), serviceRow(options)]);
  return dashboard.build();
}

/** Drills by when they began, the newest first and chosen at first. */
function newestDrill(): QueryVariableBuilder {
  const began = select(catalogue.drillMoment, { moment: is('started'), bound: is('lower') });
  const query = `query_result(sort_desc(${highest(['drill'], began)}))`;
  return new QueryVariableBuilder('drill')
    .label('Drill')
    .datasource(datasource)
    .query({ qryType: 3, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .regex('/drill="([^"]+)"/')
    .refresh(VariableRefresh.OnTimeRangeChanged);
}
