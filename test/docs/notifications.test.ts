/** docs/drills/notifications.md says who is told what: its YAML is read, and its tables are the code's. */
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { postOf } from '../../chaos/notify/formats.ts';
import type { Notice, NotifyTarget } from '../../chaos/notify/notice.ts';
import { notifyTargets } from '../../cli/drill/notify.ts';
import { noticeKinds } from '../../scenarios/notify.ts';
import { parseScenario } from '../../scenarios/parse/scenario.ts';
import { blockIn, shopWith } from './drill-keys.ts';
import { codeIn, pageText, rowsOf } from './pages.ts';

const page = pageText('notifications.md');
const { notify } = parseScenario(shopWith(parse(blockIn(page, 'notify:')) as object));
const codesIn = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

test('its events are those of the program, in the order in which they come', () => {
  expect(rowsOf(page, 'event').map(([event]) => codeIn(event))).toEqual(noticeKinds);
});

test('its receivers are those of the program, each told by default what it says', () => {
  const usual = new Map(
    rowsOf(page, 'receiver').map(([kind, on]) => [codeIn(kind), on === 'all' ? noticeKinds : codesIn(on)]),
  );
  expect([...usual.keys()].toSorted()).toEqual(notify.map(({ kind }) => kind).toSorted());
  for (const { kind, on } of notify) if (kind !== 'slack') expect(on, kind).toEqual(usual.get(kind));
  const [slack] = parseScenario(shopWith({ notify: [{ slack: 'https://hooks.example/x' }] })).notify;
  expect(slack?.on).toEqual(usual.get('slack'));
});

test('a webhook is sent the fields that it lists', () => {
  const of = { drill: 'd', name: 'n', scenario: 's', region: 'r', fault: 'f' };
  const notice: Notice = { ...of, kind: 'planned', atMs: 0, by: 'runner', text: '' };
  const target: NotifyTarget = { kind: 'webhook', url: 'http://127.0.0.1:1', routingKey: null, on: noticeKinds };
  const listed = /\{ version: 1, ([^}]*) \}/.exec(page)?.[1]?.split(', ') ?? [];
  expect(Object.keys(postOf(notice, target).body).toSorted()).toEqual(['version', ...listed].toSorted());
});

test('a secret that is missing is said before a drill, all at once, and none is ever shown', () => {
  const missing =
    /notify\[1\]\.slack\.url: got "SLACK_WEBHOOK".*notify\[3\]\.pagerduty\.routingKey: got "\/run\/secrets/s;
  expect(() => notifyTargets({ notify }, {})).toThrow(missing);
  const slackAlone = { notify: notify.filter(({ kind }) => kind === 'slack') };
  expect(() => notifyTargets(slackAlone, { SLACK_WEBHOOK: 'xoxb-token' })).toThrow(/got a secret that is no URL/);
  expect(notifyTargets(slackAlone, { SLACK_WEBHOOK: 'https://hooks.example/x' })[0]?.url).toBe(
    'https://hooks.example/x',
  );
});
