import type { AlertmanagerPlan } from '../alertmanagers.ts';
import { noteRepeated, secret } from './exchange.ts';
import { dictionary, list, object, optional, type Read, required, shown } from './reader.ts';
import { durationMs, name, text, url } from './values.ts';

const defaultTimeoutMs = 10_000;
/** Alerts tell themselves apart by these. */
const own = ['alertname', 'severity', 'scenario', 'objective', 'check', 'region', 'vantage', 'country'];
const ownLabels: ReadonlySet<string> = new Set([...own, 'source', 'destination', 'drill', 'name']);

const labelName: Read<string> = (value, at) => {
  if (typeof value === 'string' && ownLabels.has(value)) {
    return at.note(shown(value), 'a label of your own: alerts of ours have this one');
  }
  return text('a label of letters, digits and underscores, such as cluster', /^(?!__)[A-Za-z_]\w*$/)(value, at);
};

const address: Read<string> = (value, at) => {
  const found = url(value, at);
  const { username, password, search, hash } = new URL(found ?? 'http://none');
  if (username + password !== '') return at.note('a user or password in a URL', 'basicAuth, or token');
  if (search + hash !== '')
    return at.note(shown(value), 'a URL without ? and #: /api/v2/alerts is put behind its path');
  return found;
};

const alertmanager = object({
  name: optional(name, null),
  url: required(address),
  token: optional(secret, null),
  basicAuth: optional(
    object({ username: required(text('a user name without a colon', /^[^:\r\n]+$/)), password: required(secret) }),
    null,
  ),
  labels: optional(dictionary(text('the value of the label'), labelName), {}),
  timeout: optional(durationMs(100, 60_000), defaultTimeoutMs),
});

/** Told apart by their names, those without one by their hosts. */
const alertmanagerPlans: Read<readonly AlertmanagerPlan[]> = (value, at) => {
  const found = list(alertmanager)(value, at)?.map(({ timeout: timeoutMs, name: named, ...rest }) => ({
    ...rest,
    name: named ?? new URL(rest.url).host,
    timeoutMs,
  }));
  noteRepeated(found, at);
  for (const [index, { token, basicAuth }] of (found ?? []).entries()) {
    if (token !== null && basicAuth !== null) at.in(index).note('both token and basicAuth', 'one of them');
  }
  return found;
};

/** The key of a scenario that says who is told of alerts. */
export const alertmanagers = { alertmanagers: optional(alertmanagerPlans, []) };
