/** Looks at the facts every few seconds, keeps what fires on disk, and has Alertmanagers told. */
import { hostname } from 'node:os';
import { type Clock, every } from '../../contract/clock.ts';
import { messageOf as textOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import type { Random } from '../../contract/random.ts';
import { authorities } from '../federation/fetch.ts';
import type { Family } from '../metrics/exposition.ts';
import type { AlertRule, Alerts } from './alert.ts';
import { byDrill } from './by-drill.ts';
import { alertFamilies, senderCounts } from './counts.ts';
import type { AlertFacts } from './facts.ts';
import { messageOf } from './message.ts';
import type { AlertmanagerOptions } from './options.ts';
import { alertRules } from './rules.ts';
import { restored, stored } from './saved.ts';
import { sender } from './sender.ts';
import { due, notOver, step } from './step.ts';

export type Alerting = { families(): readonly Family[]; stop(): Promise<void> };

export type AlertingOptions = {
  readonly alertmanagers: readonly AlertmanagerOptions[];
  readonly scenario: string;
  /** What people reach the aggregator by. */
  readonly url: string;
  /** PEM text, trusted in addition to the system's. */
  readonly ca: string | null;
  /** What `save` was given before the aggregator was stopped; `null`: nothing. */
  readonly saved: string | null;
  readonly rules?: readonly AlertRule[];
};

export type AlertingDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  facts(): AlertFacts;
  save(text: string): Promise<void>;
};

export const evaluateEveryMs = 5_000;
/** After so long what alerts of the last run were made from is there again, or is not wrong any more. */
const graceMs = 60_000;

/** An aggregator that listens everywhere is reached by the name of its machine. Without a slash at its end. */
function reachedBy(text: string): string {
  const url = new URL(text);
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = hostname();
  return url.href.replace(/\/+$/, '');
}

/** Times of alerts are the wall's, because others compare them with theirs. */
export function startAlerting(options: AlertingOptions, deps: AlertingDeps): Alerting {
  const { clock, log } = deps;
  const rules = options.rules ?? alertRules;
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const counts = new Map(options.alertmanagers.map(({ name }) => [name, senderCounts()]));
  const ca = authorities(options.ca);
  const senders = options.alertmanagers.map((one) =>
    sender(one, { ...deps, ca, counts: counts.get(one.name) ?? senderCounts() }),
  );
  const from = { scenario: options.scenario, url: reachedBy(options.url), evaluateEveryMs };
  let alerts: Alerts = restored(options.saved, new Set(byName.keys()), clock.wallMs());
  const graceUntilMs = clock.wallMs() + (alerts.size > 0 ? graceMs : 0);
  let leftOut = 0;
  const save = saver(deps);

  async function look(): Promise<void> {
    const atMs = clock.wallMs();
    const facts = deps.facts();
    const found = rules.flatMap((rule) =>
      [...rule.find(facts), ...notOver(rule, alerts, facts)].map((one) => ({
        rule,
        found: byDrill(rule.name, one, alerts, facts.drills),
      })),
    );
    const next = step(alerts, found, rules, { atMs, graceUntilMs });
    leftOut = next.leftOut;
    const telling = due(next.alerts, atMs).flatMap(([id, alert]) => {
      const rule = byName.get(alert.rule);
      return rule === undefined ? [] : [{ id, alert, message: messageOf(alert, rule, from, atMs) }];
    });
    const told = telling.map(({ id, alert }) => [id, { ...alert, toldAtMs: atMs }] as const);
    alerts = new Map([...next.alerts, ...told]);
    for (const one of senders) one.push(telling.map(({ id, message }) => [id, message] as const));
    await save(alerts, next.changed);
  }

  let running: Promise<void> = Promise.resolve();
  const cancel = every(
    clock,
    evaluateEveryMs,
    () => {
      running = look();
      return running;
    },
    (error) => log.error({ why: textOf(error) }, 'alerts could not be looked at'),
  );
  return {
    families: () => alertFamilies(rules, alerts, leftOut, counts),
    async stop() {
      cancel();
      await running.catch(() => undefined);
      await Promise.all(senders.map((one) => one.stop()));
    },
  };
}

/** Stores alerts when they changed, and again where that failed; says so once. */
function saver({ save, log }: AlertingDeps): (alerts: Alerts, changed: boolean) => Promise<void> {
  let unsaved = false;
  let failing = false;
  return async (alerts, changed) => {
    unsaved ||= changed;
    if (!unsaved) return;
    try {
      await save(stored(alerts));
      unsaved = false;
      failing = false;
    } catch (error) {
      if (!failing) log.error({ why: textOf(error) }, 'alerts could not be stored: a restart may tell them anew');
      failing = true;
    }
  };
}
