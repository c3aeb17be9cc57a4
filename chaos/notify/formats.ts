/** A notice in the format of each receiver. Pure. Each has one key a drill, so that what is over closes what it opened. */
import type { Notice, NotifyTarget } from './notice.ts';

export type Post = { readonly url: string; readonly body: object };

type Format = (notice: Notice, target: NotifyTarget) => object;

const hourMs = 3_600_000;
/** No drill lasts longer; its alert ends by itself when nobody ends it. */
const runningForMs = 6 * hourMs;
/** Alertmanager keeps it for so long; whoever mends ends it before. */
const notRestoredForMs = 7 * 24 * hourMs;

const formats: { readonly [K in NotifyTarget['kind']]: Format } = {
  webhook: asWebhook,
  slack: asSlack,
  alertmanager: asAlerts,
  pagerduty: asEvent,
};

export function postOf(notice: Notice, target: NotifyTarget): Post {
  const url = target.kind === 'alertmanager' ? `${target.url.replace(/\/+$/, '')}/api/v2/alerts` : target.url;
  return { url, body: formats[target.kind](notice, target) };
}

/** One for each drill: `blackstart/lose-eu-20261121t100000-3f2a`. */
export function dedupKeyOf(drill: string): string {
  return `blackstart/${drill}`;
}

function asWebhook({ kind, atMs, ...rest }: Notice): object {
  return { version: 1, event: kind, at: iso(atMs), dedupKey: dedupKeyOf(rest.drill), ...rest };
}

const marks: { readonly [K in Notice['kind']]: string } = {
  planned: ':memo:',
  injecting: ':electric_plug:',
  'failed-over': ':arrows_counterclockwise:',
  restored: ':white_check_mark:',
  'not-restored': ':rotating_light:',
};

/** An incoming webhook's message. Slack reads `<`, `>` and `&` as its own. */
function asSlack({ kind, text, drill }: Notice): object {
  const said = `${text} (${drill})`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: `${marks[kind]} ${said}` };
}

/**
 * Two alerts: one while the drill runs, that nobody has to look at, and one where somebody has to. They have labels of the
 * drill alone, so neither is, ends or silences an alert of anything else.
 */
function asAlerts(notice: Notice): object {
  const { kind, atMs } = notice;
  const running = (endsAtMs: number) => alertOf(notice, 'BlackstartDrillAnnounced', 'info', endsAtMs);
  const dark = (endsAtMs: number) => alertOf(notice, 'BlackstartDrillNotRestored', 'critical', endsAtMs);
  if (kind === 'restored') return [running(atMs), dark(atMs)];
  return kind === 'not-restored' ? [running(atMs), dark(atMs + notRestoredForMs)] : [running(atMs + runningForMs)];
}

function alertOf(
  { drill, name, scenario, region, text, atMs }: Notice,
  alertname: string,
  severity: string,
  endsAtMs: number,
) {
  return {
    labels: { alertname, severity, scenario, name, region, blackstart_drill: drill },
    annotations: { summary: shortened(text), drill },
    // Of one that it knows, an Alertmanager keeps the earlier start.
    startsAt: iso(Math.min(atMs, endsAtMs - 1)),
    endsAt: iso(endsAtMs),
  };
}

/** An event of PagerDuty's Events API v2: `restored` resolves, all else triggers. */
function asEvent(notice: Notice, { routingKey }: NotifyTarget): object {
  const { kind, atMs, drill, name, scenario, region, fault, by, text } = notice;
  const common = { routing_key: routingKey ?? '', dedup_key: dedupKeyOf(drill) };
  if (kind === 'restored') return { ...common, event_action: 'resolve' };
  return {
    ...common,
    event_action: 'trigger',
    payload: {
      summary: shortened(text),
      source: region === '' ? scenario : region,
      severity: kind === 'not-restored' ? 'critical' : 'info',
      timestamp: iso(atMs),
      component: scenario,
      group: 'blackstart',
      class: kind,
      custom_details: { drill, name, scenario, region, fault, by },
    },
    client: 'Blackstart',
  };
}

/** PagerDuty's limit, in characters. */
function shortened(text: string): string {
  return text.slice(0, 1_024);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
