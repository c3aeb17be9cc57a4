/** What a restorer tells: it has nobody to tell it for it. */
import type { Clock } from '../../contract/clock.ts';
import { isObject } from '../../contract/json.ts';
import { noticeKinds } from '../../scenarios/notify.ts';
import type { RestorerEnd } from '../restorer/types.ts';
import type { NoticeOf, NotifyTarget } from './notice.ts';
import type { Notifier } from './notifier.ts';

/** What the Secret of a drill holds, as JSON. */
export type RestorerNotify = { readonly of: NoticeOf; readonly targets: readonly NotifyTarget[] };

/** Of the targets those that a restorer has a word for; `null`: none of them. */
export function forRestorer(of: NoticeOf, targets: readonly NotifyTarget[]): string | null {
  const wanted = targets.filter(({ on }) => on.includes('restored') || on.includes('not-restored'));
  return wanted.length === 0 ? null : JSON.stringify({ of, targets: wanted } satisfies RestorerNotify);
}

/** `null` for what this version cannot read: a restorer mends all the same. */
export function restorerNotifyIn(text: string | undefined): RestorerNotify | null {
  if (text === undefined || text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !isObject(value['of']) || !Array.isArray(value['targets'])) return null;
    const texts = ['drill', 'name', 'scenario', 'region', 'fault'];
    const of = value['of'];
    const whole = texts.every((key) => typeof of[key] === 'string') && value['targets'].every(isTarget);
    return whole ? (value as RestorerNotify) : null;
  } catch {
    return null;
  }
}

function isTarget(value: unknown): boolean {
  return (
    isObject(value) &&
    ['webhook', 'slack', 'alertmanager', 'pagerduty'].includes(String(value['kind'])) &&
    typeof value['url'] === 'string' &&
    Array.isArray(value['on']) &&
    value['on'].every((one) => (noticeKinds as readonly unknown[]).includes(one))
  );
}

/** Mending is a matter of seconds; whoever is told after so long has a reason to look. */
const mendsWithinMs = 30_000;
const lastWordMs = 30_000;

export type RestorerNotices = {
  /** The runner was found silent, and mending begins. */
  mending(): void;
  /** The runner was there again, or another mends. */
  leftToOthers(): void;
  /** Resolves when the last word is out, or given up. */
  ended(end: RestorerEnd): Promise<void>;
};

/** Tells that the region is not restored when mending takes long, and how it ended: nothing of a drill that its runner ends. */
export function restorerNotices({ of }: RestorerNotify, told: Notifier, clock: Clock): RestorerNotices {
  const tell = (kind: 'restored' | 'not-restored', text: string): void =>
    told.tell({ ...of, kind, atMs: clock.wallMs(), by: 'restorer', text });
  const drill = `Drill ${of.name} of ${of.scenario}`;
  let cancel: (() => void) | null = null;
  let hasMended = false;
  return {
    mending() {
      hasMended = true;
      cancel ??= clock.after(mendsWithinMs, () =>
        tell('not-restored', `${drill}: its runner is silent, and the restorer has not put ${of.region} back so far`),
      );
    },
    leftToOthers() {
      cancel?.();
      cancel = null;
    },
    async ended(end) {
      cancel?.();
      if (end.kind === 'not-restored') {
        tell(
          'not-restored',
          `${drill}: its runner is silent, and ${of.region} is NOT restored: ${end.left.join('; ')}`,
        );
      } else if (end.kind === 'restored' && hasMended) {
        tell('restored', `${drill}: its runner fell silent, and the restorer saw to it that ${of.region} is as it was`);
      }
      await told.settled(lastWordMs);
    },
  };
}
