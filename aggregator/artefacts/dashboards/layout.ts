/** Rows of panels, laid out from left to right on Grafana's grid of 24 columns. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type DashboardBuilder, type Panel, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Placed } from './panels.ts';

const columns = 24;

export type Row = { readonly title: string; readonly panels: readonly Placed[] };

/** Ids and places follow from the order alone. Rows without panels are left out. */
export function layOut(dashboard: DashboardBuilder, rows: readonly Row[]): void {
  let id = 0;
  let y = 0;
  for (const { title, panels } of rows) {
    if (panels.length === 0) continue;
    id += 1;
    dashboard.withRow(new RowBuilder(title).id(id).gridPos({ h: 1, w: columns, x: 0, y }));
    y += 1;
    let x = 0;
    let tallest = 0;
    const built: Builder<Panel>[] = [];
    for (const panel of panels) {
      if (x + panel.width > columns) {
        y += tallest;
        x = 0;
        tallest = 0;
      }
      id += 1;
      built.push(panel.at(id, { h: panel.height, w: panel.width, x, y }));
      x += panel.width;
      tallest = Math.max(tallest, panel.height);
    }
    for (const panel of built) dashboard.withPanel(panel);
    y += tallest;
  }
}
