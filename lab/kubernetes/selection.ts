import type { Call } from './call.ts';
import type { Resource } from './resources.ts';
import { everything, fieldSelector, labelSelector, type Selector } from './selectors.ts';

/** What `labelSelector` and `fieldSelector` of a call select together. */
export function selectionOf(call: Call, resource: Resource): Selector {
  const labels = call.query.get('labelSelector') ?? '';
  const fields = call.query.get('fieldSelector') ?? '';
  const byLabels = labels === '' ? everything : labelSelector(labels);
  const byFields = fields === '' ? everything : fieldSelector(resource, fields);
  return (object) => byLabels(object) && byFields(object);
}
