/** Alerts over a restart: the same `startsAt`, and what was pending goes on waiting. */
import { isObject } from '../../contract/json.ts';
import { type Alert, type Alerts, idOf } from './alert.ts';

export function stored(alerts: Alerts): string {
  return JSON.stringify([...alerts.values()]);
}

/**
 * Of rules that there are. What cannot be read is left out: a release before wrote it, and the facts will tell it anew.
 * All are told at once, because nobody knows what Alertmanagers have been told.
 */
export function restored(text: string | null, rules: ReadonlySet<string>, atMs: number): Alerts {
  const found = new Map<string, Alert>();
  for (const one of parsed(text)) {
    if (!isAlert(one) || !rules.has(one.rule)) continue;
    found.set(idOf(one.rule, one.found.labels), { ...one, seenAtMs: atMs, toldAtMs: null });
  }
  return found;
}

function parsed(text: string | null): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isAlert(value: unknown): value is Alert {
  if (!isObject(value) || typeof value['rule'] !== 'string' || !isObject(value['found'])) return false;
  const { labels, summary, description, path } = value['found'];
  const texts = [summary, description, path, ...(isObject(labels) ? Object.values(labels) : [null])];
  const isTime = (one: unknown): boolean => typeof one === 'number' && Number.isFinite(one);
  return (
    texts.every((one) => typeof one === 'string') &&
    isTime(value['activeAtMs']) &&
    ['firedAtMs', 'resolvedAtMs'].every((key) => value[key] === null || isTime(value[key]))
  );
}
