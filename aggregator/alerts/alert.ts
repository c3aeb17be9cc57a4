/** An alert, from the rule that finds it to what an Alertmanager is told. Times are the wall's: Alertmanagers compare them. */
import type { AlertFacts } from './facts.ts';

/** `critical`: somebody has to look now. `warning`: today. `info`: nobody, but it explains others. */
export type Severity = 'critical' | 'warning' | 'info';

/** What tells one alert of a rule from another. A label that is empty is absent. */
export type AlertLabels = Readonly<Record<string, string>>;

/** That the condition of a rule holds for something, now. */
export type Found = {
  readonly labels: AlertLabels;
  /** One line without numbers that move, and one with them. */
  readonly summary: string;
  readonly description: string;
  /** Behind our address: the page to look at. */
  readonly path: string;
  /** The drill that raised it; absent: none is known to have. */
  readonly drill?: string;
};

/** One row of the table of rules. */
export type AlertRule = {
  /** In CamelCase: `alertname`. */
  readonly name: string;
  readonly severity: Severity;
  /** How long the condition has to hold before the alert fires. */
  readonly forMs: number;
  /** How long the alert goes on firing after the condition held last: for what comes and goes. */
  readonly keepMs: number;
  find(facts: AlertFacts): readonly Found[];
  /**
   * Of an alert that fires and is not found any more: whether that is known to be over. Absent: not to be found is enough. So
   * an alert does not clear because those who would say that it goes on are silent.
   */
  isOver?(facts: AlertFacts, labels: AlertLabels): boolean;
};

/** An alert that is pending (`firedAtMs` is `null`), fires, or was resolved a short while ago. */
export type Alert = {
  readonly rule: string;
  readonly found: Found;
  /** Since when the condition holds. */
  readonly activeAtMs: number;
  /** Its `startsAt`, which never changes while it fires. */
  readonly firedAtMs: number | null;
  /** When the condition held last. */
  readonly seenAtMs: number;
  readonly resolvedAtMs: number | null;
  /** When Alertmanagers were told last; `null`: not yet. */
  readonly toldAtMs: number | null;
};

/** By `idOf`. */
export type Alerts = ReadonlyMap<string, Alert>;

/** Equal for the same alert, whatever the order of its labels. */
export function idOf(rule: string, labels: AlertLabels): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([rule, ...sorted]);
}
