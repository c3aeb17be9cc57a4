/** What a reader chooses at the top of a dashboard. */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';

export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus');
}

type Choice = { readonly name: string; readonly label: string; readonly series: string; readonly values: string };

/** Any number of the values of a label, all of them at first; series without the label are among all. */
export function several(choice: Choice): QueryVariableBuilder {
  return fromLabel(choice).sort(VariableSort.AlphabeticalAsc).multi(true).includeAll(true).allValue('.*').current({
    text: 'All',
    value: '$__all',
  });
}

function fromLabel({ name, label, series, values }: Choice): QueryVariableBuilder {
  const query = `label_values(${series}, ${values})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
}
