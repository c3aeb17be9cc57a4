/** What becomes of alerts from one look to the next. Pure. */
import { type Alert, type AlertRule, type Alerts, type Found, idOf } from './alert.ts';
import type { AlertFacts } from './facts.ts';

/** As Prometheus does: a resolved alert is told for so long, so that no Alertmanager misses it. */
export const resolvedShownMs = 900_000;
export const tellEveryMs = 60_000;
/** More at once would tell nobody anything. */
export const maxAlerts = 1_000;

export type Look = {
  readonly atMs: number;
  /** Until then nothing is resolved: after a start facts need a moment to be there again. */
  readonly graceUntilMs: number;
};
export type Stepped = {
  readonly alerts: Alerts;
  /** Whether anything began, fired or ended. */
  readonly changed: boolean;
  /** Conditions that hold and found no room. */
  readonly leftOut: number;
};

export function step(
  before: Alerts,
  found: readonly { readonly rule: AlertRule; readonly found: Found }[],
  rules: readonly AlertRule[],
  look: Look,
): Stepped {
  const alerts = new Map<string, Alert>();
  let changed = false;
  let leftOut = 0;
  for (const { rule, found: one } of found) {
    const id = idOf(rule.name, one.labels);
    if (alerts.has(id)) continue;
    if (alerts.size >= maxAlerts) {
      leftOut += 1;
      continue;
    }
    const known = before.get(id);
    const alert = holding(known, rule, one, look.atMs);
    changed ||= known?.firedAtMs !== alert.firedAtMs || known.activeAtMs !== alert.activeAtMs;
    alerts.set(id, alert);
  }
  const keepMs = new Map(rules.map((rule) => [rule.name, rule.keepMs]));
  for (const [id, known] of before) {
    if (alerts.has(id)) continue;
    const alert = ceasing(known, keepMs.get(known.rule) ?? 0, look);
    changed ||= alert !== known;
    if (alert !== undefined) alerts.set(id, alert);
  }
  return { alerts, changed, leftOut };
}

/** What fires, and is not known to be over: it is told as it was seen last. */
export function notOver(rule: AlertRule, alerts: Alerts, facts: AlertFacts): readonly Found[] {
  const { isOver } = rule;
  if (isOver === undefined) return [];
  const firing = [...alerts.values()].filter(
    (alert) => alert.rule === rule.name && alert.firedAtMs !== null && alert.resolvedAtMs === null,
  );
  return firing.map(({ found }) => found).filter(({ labels }) => !isOver(facts, labels));
}

/** Of a condition that holds. One that comes back after it was resolved is a new alert. */
function holding(known: Alert | undefined, rule: AlertRule, found: Found, atMs: number): Alert {
  const goesOn = known !== undefined && known.resolvedAtMs === null;
  // A clock that was set back must not make it wait for ever.
  const activeAtMs = goesOn ? Math.min(known.activeAtMs, atMs) : atMs;
  const fires = atMs - activeAtMs >= rule.forMs;
  return {
    rule: rule.name,
    found,
    activeAtMs,
    firedAtMs: (goesOn ? known.firedAtMs : null) ?? (fires ? atMs : null),
    seenAtMs: atMs,
    resolvedAtMs: null,
    toldAtMs: goesOn ? known.toldAtMs : null,
  };
}

/** Of a condition that does not hold; `undefined`: nothing is left of it. */
function ceasing(known: Alert, keepMs: number, { atMs, graceUntilMs }: Look): Alert | undefined {
  if (known.resolvedAtMs !== null) return Math.abs(atMs - known.resolvedAtMs) > resolvedShownMs ? undefined : known;
  if (known.firedAtMs === null) return undefined;
  if (atMs < graceUntilMs || Math.abs(atMs - known.seenAtMs) < keepMs) return known;
  return { ...known, resolvedAtMs: Math.max(atMs, known.firedAtMs) };
}

/** Those that Alertmanagers have to be told now: what is new, what ended, and all others every minute. */
export function due(alerts: Alerts, atMs: number): readonly (readonly [id: string, alert: Alert])[] {
  return [...alerts].filter(([, { firedAtMs, resolvedAtMs, toldAtMs }]) => {
    if (firedAtMs === null) return false;
    if (toldAtMs === null || (resolvedAtMs !== null && resolvedAtMs > toldAtMs)) return true;
    return Math.abs(atMs - toldAtMs) >= tellEveryMs;
  });
}
