/** What `kubectl get` shows of each kind: the server's own columns, the wide ones last. */
import type { Json } from '../../contract/json.ts';
import { type KubeObject, listAt, numberAt, objectAt, textAt, textsAt } from './object.ts';
import { selectorText } from './selectors.ts';

export type Column = {
  readonly name: string;
  readonly type: 'string' | 'integer';
  /** Only with `-o wide`. */
  readonly wide: boolean;
  cell(object: KubeObject, nowMs: number): string | number;
};

function column(name: string, cell: Column['cell']): Column {
  return { name, type: 'string', wide: false, cell };
}

function count(name: string, ...path: readonly string[]): Column {
  return { name, type: 'integer', wide: false, cell: (object) => numberAt(object, ...path) ?? 0 };
}

function text(name: string, ...path: readonly string[]): Column {
  return column(name, (object) => textAt(object, ...path) ?? '<none>');
}

function wide(of: Column): Column {
  return { ...of, wide: true };
}

const name = column('Name', (object) => object.metadata.name);
const age = column('Age', (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs));
const containers = wide(column('Containers', (object) => containersOf(object, 'name')));
const images = wide(column('Images', (object) => containersOf(object, 'image')));
const selector = wide(
  column('Selector', (object) => selectorText(textsAt(object, 'spec', 'selector', 'matchLabels')) || '<none>'),
);
const none = (title: string): Column => wide(column(title, () => '<none>'));

function replicas(object: KubeObject, of: string): string {
  return `${numberAt(object, 'status', of) ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`;
}

const columnsByKind: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    name,
    column('Ready', (pod) => `${readyContainers(pod)}/${listAt(pod, 'spec', 'containers').length}`),
    column('Status', podStatus),
    column('Restarts', () => '0'),
    age,
    wide(text('IP', 'status', 'podIP')),
    wide(text('Node', 'spec', 'nodeName')),
    none('Nominated Node'),
    none('Readiness Gates'),
  ],
  Deployment: [
    name,
    column('Ready', (object) => replicas(object, 'readyReplicas')),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    age,
    containers,
    images,
    selector,
  ],
  StatefulSet: [name, column('Ready', (object) => replicas(object, 'readyReplicas')), age, containers, images],
  EndpointSlice: [
    name,
    text('AddressType', 'addressType'),
    column('Ports', (slice) => shortList(listAt(slice, 'ports').map((port) => String(numberAt(port, 'port') ?? '*')))),
    column('Endpoints', (slice) => shortList(listAt(slice, 'endpoints').flatMap(addressesOf))),
    age,
  ],
  Lease: [name, column('Holder', (lease) => textAt(lease, 'spec', 'holderIdentity') ?? ''), age],
  Namespace: [name, text('Status', 'status', 'phase'), age],
  Service: [name, text('Type', 'spec', 'type'), text('Cluster-IP', 'spec', 'clusterIP'), age],
  Job: [
    name,
    column('Status', (job) => (numberAt(job, 'status', 'succeeded') === undefined ? 'Running' : 'Complete')),
    column(
      'Completions',
      (job) => `${numberAt(job, 'status', 'succeeded') ?? 0}/${numberAt(job, 'spec', 'completions') ?? 1}`,
    ),
    age,
    containers,
    images,
  ],
  Event: [
    column('Last Seen', (event, nowMs) => ageOf(seenAt(event), nowMs)),
    text('Type', 'type'),
    text('Reason', 'reason'),
    column('Object', (event) => `${involved(event, 'kind').toLowerCase()}/${involved(event, 'name')}`),
    column('Message', (event) => (textAt(event, 'message') ?? '').trim()),
    wide(name),
  ],
  Secret: [name, text('Type', 'type'), column('Data', (secret) => Object.keys(objectAt(secret, 'data')).length), age],
  ServiceAccount: [name, column('Secrets', (account) => listAt(account, 'secrets').length), age],
  RoleBinding: [
    name,
    column('Role', (binding) => `${textAt(binding, 'roleRef', 'kind')}/${textAt(binding, 'roleRef', 'name')}`),
    age,
  ],
};

/** The columns of a kind; name and age for those that have none of their own. */
export function columnsOf(kind: string): readonly Column[] {
  return columnsByKind[kind] ?? [name, age];
}

function containersOf(object: KubeObject, field: string): string {
  return listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field) ?? '')
    .join(',');
}

function readyContainers(pod: KubeObject): number {
  return listAt(pod, 'status', 'containerStatuses').filter((status) => (status as { ready?: Json }).ready === true)
    .length;
}

function podStatus(pod: KubeObject): string {
  return pod.metadata.deletionTimestamp === undefined ? (textAt(pod, 'status', 'phase') ?? 'Unknown') : 'Terminating';
}

function addressesOf(endpoint: Json): readonly string[] {
  return listAt(endpoint, 'addresses').map(String);
}

function shortList(items: readonly string[]): string {
  if (items.length === 0) return '<unset>';
  return items.slice(0, 3).join(',') + (items.length > 3 ? ` + ${items.length - 3} more...` : '');
}

function involved(event: KubeObject, field: string): string {
  return textAt(event, 'involvedObject', field) ?? '';
}

function seenAt(event: KubeObject): string {
  const seen = textAt(event, 'lastTimestamp') ?? textAt(event, 'eventTime');
  return seen ?? event.metadata.creationTimestamp;
}

/** `HumanDuration` of the real server: `45s`, `5m10s`, `3h2m`, `2d3h`. */
export function ageOf(since: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(since)) / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h');
  return `${Math.floor(hours / 24)}d`;
}

function withRest(amount: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${amount}${unit}` : `${amount}${unit}${rest}${restUnit}`;
}
