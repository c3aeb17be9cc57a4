import { describe, expect, onTestFinished, test } from 'vitest';
import type { Notice, NotifyTarget } from '../../../chaos/notify/notice.ts';
import { notifier } from '../../../chaos/notify/notifier.ts';
import { type Clock, systemClock } from '../../../contract/clock.ts';
import { type NoticeKind, noticeKinds } from '../../../scenarios/notify.ts';
import { type Receiver, type ReceiverKind, receiver } from '../../fakes/receivers.ts';

const atMs = Date.parse('2026-12-01T10:00:00Z');
const of = {
  drill: 'lose-eu-1',
  name: 'lose-eu',
  scenario: 'shop',
  region: 'eu-west-1',
  fault: 'scale-to-zero eu-west-1',
};

function notice(kind: NoticeKind, text = 'Drill <lose-eu> of shop & co'): Notice {
  return { ...of, kind, atMs, by: 'runner', text };
}

async function told(kind: ReceiverKind): Promise<{ readonly by: Receiver; readonly target: NotifyTarget }> {
  const by = await receiver(kind);
  onTestFinished(() => by.close());
  return { by, target: { kind, url: by.url, routingKey: 'R'.repeat(32), on: noticeKinds } };
}

/** Pauses are over at once; what waits for an answer is not. */
function quick(pauses: number[] = []): Clock {
  const clock = systemClock();
  const after: Clock['after'] = (delayMs, run) => {
    if (delayMs >= 5_000) return clock.after(delayMs, run);
    pauses.push(delayMs);
    return clock.after(0, run);
  };
  return { ...clock, after };
}

const kinds = ['webhook', 'slack', 'alertmanager', 'pagerduty'] as const;

for (const kind of kinds) {
  test(`${kind} takes every notice, in the order in which they were told`, async () => {
    const { by, target } = await told(kind);
    const messages: string[] = [];
    const own = notifier([target], { clock: systemClock(), message: (text) => messages.push(text) });
    for (const one of noticeKinds) own.tell(notice(one, `${one} ${'x'.repeat(2_000)} <&>`));
    await own.settled(20_000);
    expect({ wrong: by.wrong, messages }).toEqual({ wrong: [], messages: [] });
    expect(by.taken).toHaveLength(noticeKinds.length);
  });
}

describe('what is told', () => {
  async function takenBy(kind: ReceiverKind, ...notices: readonly NoticeKind[]): Promise<readonly unknown[]> {
    const { by, target } = await told(kind);
    const own = notifier([target], { clock: systemClock(), message: () => undefined });
    for (const one of notices) own.tell(notice(one));
    await own.settled(20_000);
    return by.taken;
  }

  test('to PagerDuty has one key a drill: it triggers, and what is restored resolves it', async () => {
    expect(await takenBy('pagerduty', 'not-restored', 'restored')).toMatchObject([
      {
        event_action: 'trigger',
        dedup_key: 'blackstart/lose-eu-1',
        payload: { severity: 'critical', source: 'eu-west-1', timestamp: '2026-12-01T10:00:00.000Z' },
      },
      { event_action: 'resolve', dedup_key: 'blackstart/lose-eu-1' },
    ]);
  });

  test('to Alertmanager has the drill as a label, and what is over ends what it began', async () => {
    const [begun, ended] = (await takenBy('alertmanager', 'injecting', 'restored')) as [AlertLike[], AlertLike[]];
    expect(begun.map(({ labels }) => labels)).toEqual([
      {
        alertname: 'BlackstartDrillAnnounced',
        severity: 'info',
        scenario: 'shop',
        name: 'lose-eu',
        region: 'eu-west-1',
        blackstart_drill: 'lose-eu-1',
      },
    ]);
    expect(Date.parse(begun[0]?.endsAt ?? '')).toBeGreaterThan(atMs);
    expect(ended[0]?.labels).toEqual(begun[0]?.labels);
    expect(ended.map(({ endsAt }) => Date.parse(endsAt))).toEqual([atMs, atMs]);
  });

  test('to Slack has its control characters escaped', async () => {
    expect(await takenBy('slack', 'planned')).toEqual([
      { text: ':memo: Drill &lt;lose-eu&gt; of shop &amp; co (lose-eu-1)' },
    ]);
  });

  test('to a webhook is the notice as it is', async () => {
    expect(await takenBy('webhook', 'failed-over')).toEqual([
      {
        version: 1,
        event: 'failed-over',
        at: '2026-12-01T10:00:00.000Z',
        dedupKey: 'blackstart/lose-eu-1',
        ...of,
        by: 'runner',
        text: 'Drill <lose-eu> of shop & co',
      },
    ]);
  });

  test('is what was asked for, and nothing else', async () => {
    const { by, target } = await told('webhook');
    const own = notifier([{ ...target, on: ['not-restored'] }], { clock: systemClock(), message: () => undefined });
    for (const kind of noticeKinds) own.tell(notice(kind));
    await own.settled(20_000);
    expect(by.taken).toMatchObject([{ event: 'not-restored' }]);
  });
});

type AlertLike = { readonly labels: Readonly<Record<string, string>>; readonly endsAt: string };

describe('a receiver in trouble', () => {
  test('is asked again, ever more rarely, and takes it in the end', async () => {
    const { by, target } = await told('pagerduty');
    by.answers.push(500, 429, 503);
    const pauses: number[] = [];
    const own = notifier([target], { clock: quick(pauses), message: () => undefined });
    own.tell(notice('not-restored'));
    await own.settled(60_000);
    expect(by.taken).toHaveLength(1);
    expect(pauses).toEqual([500, 1_000, 2_000]);
  });

  test('is given up after five attempts, which is said without its URL', async () => {
    const { by, target } = await told('slack');
    by.answers.push(...Array.from({ length: 9 }, () => 500));
    const messages: string[] = [];
    const own = notifier([target], { clock: quick(), message: (text) => messages.push(text) });
    own.tell(notice('restored'));
    await own.settled(60_000);
    expect(by.asked()).toBe(5);
    expect(messages).toEqual(['slack could not be told "restored" of lose-eu-1: it answered 500: as it was told']);
  });

  test('that says no is not asked again, and one that redirects is not followed', async () => {
    const { by, target } = await told('webhook');
    by.answers.push(403, 302);
    const messages: string[] = [];
    const own = notifier([target], { clock: quick(), message: (text) => messages.push(text) });
    own.tell(notice('planned'));
    own.tell(notice('injecting'));
    await own.settled(60_000);
    expect(by.asked()).toBe(2);
    expect(messages).toHaveLength(2);
  });

  test('that never answers holds up nobody else, and a drill that is over waits for it so long and no longer', async () => {
    const [deaf, well] = [await told('slack'), await told('webhook')];
    deaf.by.answers.push(...Array.from({ length: 9 }, () => 'hang' as const));
    const messages: string[] = [];
    const own = notifier([deaf.target, well.target], { clock: quick(), message: (text) => messages.push(text) });
    own.tell(notice('not-restored'));
    while (well.by.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await own.settled(1_000);
    expect(well.by.taken).toHaveLength(1);
  });

  test('is told no more than a bound while it hangs, and what was left out is said', async () => {
    const { by, target } = await told('webhook');
    by.answers.push('hang');
    const messages: string[] = [];
    const own = notifier([target], { clock: systemClock(), message: (text) => messages.push(text) });
    for (let count = 0; count < 25; count += 1) own.tell(notice('planned'));
    await own.settled(1);
    expect(messages.filter((text) => text.includes('too much waits'))).toHaveLength(5);
  });
});
