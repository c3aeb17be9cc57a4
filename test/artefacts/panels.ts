/** What a generated dashboard asks Prometheus, read out of its JSON as Grafana reads it. */

export type Asked = {
  /** `fleet · Agents · A`. */
  readonly where: string;
  readonly expr: string;
  /** Names of the labels that its legend shows. */
  readonly legend: readonly string[];
  readonly exemplars: boolean;
  /** Of its target: the least step, in seconds. */
  readonly everySeconds: number;
  readonly instant: boolean;
};

type Target = {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly exemplar?: boolean;
  readonly interval?: string;
  readonly instant?: boolean;
};
export type PanelModel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
};
type Variable = {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
  readonly regex?: string;
  readonly allValue?: string;
  readonly includeAll?: boolean;
};
export type DashboardModel = {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelModel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly links: readonly { readonly url: string }[];
};

export function panelsOf(dashboard: DashboardModel): readonly PanelModel[] {
  return dashboard.panels.filter(({ type }) => type !== 'row');
}

export function queriesOf(dashboard: DashboardModel): readonly Asked[] {
  return panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat = '', exemplar = false, interval = '0s', instant = false }) => ({
      where: `${dashboard.uid} · ${title} · ${refId}`,
      expr,
      legend: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
      exemplars: exemplar,
      everySeconds: Number.parseInt(interval, 10),
      instant,
    })),
  );
}

/** The parts of a query that stand for each other, one a line, as `either` puts them. */
export function alternativesOf(expr: string): readonly string[] {
  return expr.split('\nor\n');
}

export type Shown = { readonly rangeSeconds: number; readonly scrapeSeconds: number; readonly stepSeconds: number };

/** As Grafana puts values in the place of variables. */
export function filledIn(
  expr: string,
  values: Readonly<Record<string, string>>,
  { rangeSeconds, scrapeSeconds, stepSeconds }: Shown,
): string {
  const all = {
    ...values,
    __range: `${rangeSeconds}s`,
    __interval: `${stepSeconds}s`,
    __rate_interval: `${Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds)}s`,
  };
  return expr.replaceAll(/\$(\w+)/g, (_, name: keyof typeof all) => {
    const value = all[name];
    if (value === undefined) throw new Error(`no variable $${name} in ${expr}`);
    return value;
  });
}
