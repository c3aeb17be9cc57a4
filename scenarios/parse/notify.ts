import { isObject } from '../../contract/json.ts';
import type { SecretReference } from '../../contract/secret.ts';
import { type NoticeKind, type NotifyPlan, noticeKinds } from '../notify.ts';
import { secret } from './exchange.ts';
import { list, object, optional, type Read, required } from './reader.ts';
import { oneOf, url } from './values.ts';

/** Where PagerDuty takes events. */
const pagerDuty = 'https://events.pagerduty.com/v2/enqueue';
/** Pagers ring for what needs somebody; what resolves it goes there too. */
const usual: { readonly [K in NotifyPlan['kind']]: readonly NoticeKind[] } = {
  webhook: noticeKinds,
  slack: noticeKinds,
  alertmanager: ['injecting', 'restored', 'not-restored'],
  pagerduty: ['restored', 'not-restored'],
};

const urlOrSecret: Read<string | SecretReference> = (value, at) =>
  isObject(value) ? secret(value, at) : url(value, at);
const withUrl = object({ url: required(urlOrSecret) });
const reached: Read<{ readonly url: string | SecretReference }> = (value, at) => {
  if (isObject(value)) return withUrl(value, at);
  const found = url(value, at);
  return found === undefined ? undefined : { url: found };
};

const written = object({
  webhook: optional(reached, null),
  slack: optional(reached, null),
  alertmanager: optional(reached, null),
  pagerduty: optional(object({ routingKey: required(secret), url: optional(urlOrSecret, pagerDuty) }), null),
  on: optional(list(oneOf(noticeKinds), 1), null),
});

const one: Read<NotifyPlan> = (value, at) => {
  const found = written(value, at);
  if (found === undefined) return undefined;
  const { on, pagerduty, ...others } = found;
  const plans = [
    ...(['webhook', 'slack', 'alertmanager'] as const).flatMap((kind): readonly NotifyPlan[] => {
      const where = others[kind];
      return where === null ? [] : [{ kind, url: where.url, on: on ?? usual[kind] }];
    }),
    ...(pagerduty === null ? [] : [{ kind: 'pagerduty', ...pagerduty, on: on ?? usual.pagerduty } as const]),
  ];
  const [plan, ...more] = plans;
  return plan !== undefined && more.length === 0
    ? plan
    : // Not the whole of it: URLs of receivers may be secrets.
      at.note(
        plans.map(({ kind }) => kind).join(' and ') || 'none',
        'one of webhook, slack, alertmanager and pagerduty',
      );
};

/** The key of a scenario that says who is told how its drills go. */
export const notify = { notify: optional(list(one), []) };
