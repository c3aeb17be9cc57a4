/** A file of Sloth, `prometheus/v1`, read strictly. */
import { isObject } from '../../contract/json.ts';
import { anyText, anything, flag, numberWhere } from '../openslo/values.ts';
import { type At, dictionary, list, object, optional, type Read, required, shown } from '../parse/reader.ts';
import { oneOf, text } from '../parse/values.ts';

const slothName = text(
  'a name that begins and ends with a letter or digit, of these and ._-',
  /^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$/,
);
const labelName = text('a label of letters, digits and underscores, such as team', /^(?!__name__$)[A-Za-z_]\w*$/);
/** Sloth takes numbers and truths for texts, as Go's YAML does. */
const scalar: Read<string> = (value, at) =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : anyText(value, at);
const labels = dictionary(scalar, labelName);
const intervalText = text('a duration, such as 1m', /^(\d+(\.\d+)?(ms|s|m|h))+$/);
const windowVariable = /\{\{ *\.window *\}\}/;

const query: Read<string> = (value, at) => {
  if (typeof value === 'string' && windowVariable.test(value)) return value;
  return at.note(shown(value), 'a query with {{.window}} in its brackets: Sloth puts each window there');
};

export type SlothSli =
  | { readonly kind: 'events'; readonly error: string; readonly total: string; readonly at: At }
  | { readonly kind: 'raw'; readonly query: string; readonly at: At }
  | { readonly kind: 'plugin'; readonly id: string; readonly at: At };

const sli: Read<SlothSli> = (value, at) => {
  const found = object({
    events: optional(object({ error_query: required(query), total_query: required(query) }), null),
    raw: optional(object({ error_ratio_query: required(query) }), null),
    plugin: optional(
      object({ id: required(text('the id of a plugin')), options: optional(dictionary(scalar), {}) }),
      null,
    ),
  })(value, at);
  if (found === undefined) return undefined;
  const { events, raw, plugin } = found;
  if ([events, raw, plugin].filter((one) => one !== null).length !== 1) {
    return at.note(shown(Object.keys(isObject(value) ? value : {})), 'one of events, raw and plugin');
  }
  if (events !== null) {
    const { error_query: error, total_query: total } = events;
    const place = at.in('events').in('error_query');
    return error === total
      ? place.note('the same query as total_query', 'one of errors')
      : { kind: 'events', error, total, at: place };
  }
  if (raw !== null) return { kind: 'raw', query: raw.error_ratio_query, at: at.in('raw').in('error_ratio_query') };
  return { kind: 'plugin', id: plugin?.id ?? '', at: at.in('plugin').in('id') };
};

const alert = object({
  disable: optional(flag, false),
  for: optional(intervalText, null),
  labels: optional(labels, {}),
  annotations: optional(labels, {}),
});

const alerting: Read<{ readonly isOff: boolean }> = (value, at) => {
  const found = object({
    name: optional(anyText, ''),
    labels: optional(labels, {}),
    annotations: optional(labels, {}),
    page_alert: optional(alert, null),
    ticket_alert: optional(alert, null),
  })(value, at);
  if (found === undefined) return undefined;
  const isOff = found.page_alert?.disable === true && found.ticket_alert?.disable === true;
  return isOff || found.name !== ''
    ? { isOff }
    : at.in('name').note('nothing', 'a name for its alerts, or both of them disabled');
};

const plugins = object({ chain: optional(list(anything), []), overridePrevious: optional(flag, null) });

const slo = object({
  name: required(slothName),
  description: optional(scalar, null),
  objective: required(numberWhere((value) => value > 0 && value <= 100, 'percent over 0 and up to 100, such as 99.9')),
  labels: optional(labels, {}),
  infoLabels: optional(labels, {}),
  sli: required(sli),
  alerting: required(alerting),
  interval: optional(
    object({
      all: optional(intervalText, null),
      slierror: optional(intervalText, null),
      metadata: optional(intervalText, null),
      alert: optional(intervalText, null),
    }),
    null,
  ),
  plugins: optional(plugins, null),
});

export const slothSpec = object({
  version: required(oneOf(['prometheus/v1'])),
  service: required(slothName),
  labels: optional(labels, {}),
  slo_plugins: optional(plugins, null),
  slos: required(list(slo, 1)),
});

export type SlothSpec = NonNullable<ReturnType<typeof slothSpec>>;
export type SlothSlo = SlothSpec['slos'][number];

export function isSloth(value: unknown): boolean {
  return isObject(value) && typeof value['version'] === 'string' && !('apiVersion' in value);
}
