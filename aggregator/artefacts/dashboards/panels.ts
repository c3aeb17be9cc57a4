/** The kinds of panel that the dashboards are made of, each with its defaults. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  type TableCellOptions,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardLink,
  type DataTransformerConfig,
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type GridPos,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { colours, mappingOf, meaning, type State } from './colours.ts';

export const datasource = { type: 'prometheus', uid: '$datasource' } as const;

export type Query = {
  readonly expr: string;
  readonly legend?: string;
  /** As a table of the last values; otherwise over time. */
  readonly instant?: boolean;
  /** Classic buckets, for a heatmap. */
  readonly buckets?: boolean;
  readonly exemplars?: boolean;
  /** Points at least so far apart, and rates over longer: of series that are read more seldom than they are scraped. */
  readonly every?: string;
};

export type Plan = {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
  readonly height: number;
  readonly unit: string;
  readonly decimals?: number;
  readonly links?: readonly Builder<DashboardLink>[];
  readonly transformations?: readonly DataTransformerConfig[];
  readonly min?: number;
  readonly max?: number;
};

/** A panel that knows how large it is, and is told where. */
export type Placed = {
  readonly width: number;
  readonly height: number;
  at(id: number, place: GridPos): Builder<Panel>;
};

/** What the builders of all kinds of panel have in common. */
type Kind<B> = Builder<Panel> & {
  id(id: number): B;
  title(title: string): B;
  description(description: string): B;
  datasource(ref: typeof datasource): B;
  targets(targets: DataqueryBuilder[]): B;
  unit(unit: string): B;
  decimals(decimals: number): B;
  min(min: number): B;
  max(max: number): B;
  gridPos(place: GridPos): B;
  dataLinks(links: Builder<DashboardLink>[]): B;
  withTransformation(transformation: DataTransformerConfig): B;
};

function placed<B extends Kind<B>>(builder: B, plan: Plan): Placed {
  builder
    .title(plan.title)
    .description(plan.description)
    .datasource(datasource)
    .unit(plan.unit)
    .targets(plan.queries.map(targetOf));
  if (plan.decimals !== undefined) builder.decimals(plan.decimals);
  if (plan.min !== undefined) builder.min(plan.min);
  if (plan.max !== undefined) builder.max(plan.max);
  if (plan.links !== undefined) builder.dataLinks([...plan.links]);
  for (const transformation of plan.transformations ?? []) builder.withTransformation(transformation);
  return { width: plan.width, height: plan.height, at: (id, place) => builder.id(id).gridPos(place) };
}

function targetOf({ expr, legend, instant, buckets, exemplars, every }: Query, index: number): DataqueryBuilder {
  const target = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(datasource)
    .expr(expr);
  if (legend !== undefined) target.legendFormat(legend);
  if (every !== undefined) target.interval(every);
  if (exemplars === true) target.exemplar(true);
  if (buckets === true) target.format(PromQueryFormat.Heatmap).legendFormat('{{le}}');
  return instant === true ? target.instant().format(PromQueryFormat.Table) : target.range();
}

export type Colours = Readonly<Record<string, string>>;
type Lines = Plan & {
  /** Of series, by how their legend ends. Others are shades of one colour. */
  readonly colours?: Colours;
  /** `share`: stacked to the whole; `sum`: stacked as bars. */
  readonly stacked?: 'share' | 'sum';
  /** A level worth a line of its own. */
  readonly limit?: number;
};

export function lines(plan: Lines): Placed {
  const builder = new timeseries.PanelBuilder()
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor(colours.blue))
    .lineWidth(2)
    .showPoints(VisibilityMode.Auto);
  if (plan.stacked !== undefined) {
    builder.fillOpacity(60).lineWidth(1);
    const mode = plan.stacked === 'share' ? StackingMode.Percent : StackingMode.Normal;
    builder.stacking(new StackingConfigBuilder().mode(mode).group('A'));
    if (plan.stacked === 'sum') builder.drawStyle(GraphDrawStyle.Bars);
  }
  if (plan.limit !== undefined) builder.thresholds(stepped([[plan.limit, meaning.bad]]));
  for (const [name, colour] of Object.entries(plan.colours ?? {}))
    builder.overrideByRegexp(endsIn(name), fixed(colour));
  return placed(builder, plan);
}

/** For Grafana's matcher: the whole legend, or its last word. */
function endsIn(name: string): string {
  return `/(^|[ :→])${name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$/`;
}

function fixed(colour: string): DynamicConfigValue[] {
  return [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: colour } }];
}

type Stated = Plan & { readonly states: readonly State[] };

/** Words over time, a line for each series: since when something is as it is. */
export function states(plan: Stated): Placed {
  const builder = new statetimeline.PanelBuilder()
    .mappings([mappingOf(plan.states)])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(meaning.unknown))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.8)
    .fillOpacity(90)
    .lineWidth(0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(false),
    );
  return placed(builder, plan);
}

type Step = readonly [from: number, colour: string];
type Figure = Plan & {
  /** Below the first step it is good. */
  readonly steps?: readonly Step[];
  readonly states?: readonly State[];
  /** What stands there when there is nothing. */
  readonly otherwise?: string;
};

export function figure(plan: Figure): Placed {
  const builder = new stat.PanelBuilder()
    .colorMode(
      plan.steps === undefined && plan.states === undefined ? BigValueColorMode.None : BigValueColorMode.Background,
    )
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue(plan.otherwise ?? 'none');
  builder.thresholds(stepped(plan.steps ?? []));
  const mappings: ValueMapping[] = plan.states === undefined ? [] : [mappingOf(plan.states)];
  return placed(builder.mappings(mappings), plan);
}

type Cells = Plan & {
  /** Columns that are not shown. */
  readonly without?: readonly string[];
  /** Headings, by column. */
  readonly headings?: Readonly<Record<string, string>>;
  readonly units?: Readonly<Record<string, string>>;
  readonly states?: Readonly<Record<string, readonly State[]>>;
  readonly steps?: readonly Step[];
};

/** The last values, a row for each label set; several queries are put side by side. */
export function cells(plan: Cells): Placed {
  const builder = new table.PanelBuilder().showHeader(true).noValue('');
  if (plan.steps !== undefined) builder.thresholds(stepped(plan.steps)).cellOptions(background);
  for (const [column, unit] of Object.entries(plan.units ?? {}))
    builder.overrideByName(column, [{ id: 'unit', value: unit }]);
  for (const [column, states] of Object.entries(plan.states ?? {}))
    builder.overrideByName(column, [
      { id: 'mappings', value: [mappingOf(states)] },
      { id: 'custom.cellOptions', value: background },
    ]);
  const organize: DataTransformerConfig = {
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(['Time', ...(plan.without ?? [])].map((name) => [name, true])),
      renameByName: plan.headings ?? {},
    },
  };
  const before = plan.transformations ?? [{ id: 'merge', options: {} }];
  return placed(builder, { ...plan, transformations: [...before, organize] });
}

const background: TableCellOptions = {
  type: TableCellDisplayMode.ColorBackground,
  mode: TableCellBackgroundDisplayMode.Basic,
};

/** One number for each pair of two labels, as a table of rows and columns. */
export function matrix(plan: Cells & { readonly rows: string; readonly columns: string }): Placed {
  const { rows, columns } = plan;
  const grouping = { columnField: columns, rowField: rows, valueField: 'Value', emptyValue: 'null' };
  const corner = `${rows}\\${columns}`;
  return cells({
    ...plan,
    headings: { [corner]: rows },
    transformations: [{ id: 'groupingToMatrix', options: grouping }],
  });
}

/** How values lie, over time; one query from native buckets, one from classic ones. */
export function cloud(plan: Plan): Placed {
  const builder = new heatmap.PanelBuilder()
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Viridis')
        .scale(heatmap.HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64),
    )
    .yAxis(new heatmap.YAxisConfigBuilder().unit(plan.unit))
    .exemplarsColor(colours.vermillion)
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true));
  return placed(builder, plan);
}

function stepped(steps: readonly Step[]): ThresholdsConfigBuilder {
  const first: Threshold = { value: null, color: meaning.good };
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([first, ...steps.map(([value, color]) => ({ value, color }))]);
}
