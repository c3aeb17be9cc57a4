/** A watch: what is there, then what changes, as one JSON line each, until the caller or the time limit ends it. */
import type { Cancel } from '../../contract/clock.ts';
import type { JsonObject } from '../../contract/json.ts';
import type { Api, Call, Target } from './call.ts';
import { type KubeObject, withMeta } from './object.ts';
import { badRequest, type Cause, expired, invalid, notAllowed } from './refusal.ts';
import { shown } from './representation.ts';
import { groupVersion, qualified } from './resources.ts';
import { selectionOf } from './selection.ts';
import type { Selector } from './selectors.ts';
import type { Change } from './store.ts';

export type Sink = { line(event: JsonObject): void; end(): void };

type Watch = {
  readonly api: Api;
  readonly call: Call;
  readonly target: Target;
  readonly selected: Selector;
  readonly sink: Sink;
};

const bookmarkEveryMs = 60_000;

/**
 * Checks what is asked, before anything is sent, and returns what starts it. A version that is forgotten is no refusal:
 * it is an event with a 410 in it, after which the watch ends as if all were well.
 */
export function watch(api: Api, call: Call, target: Target): (sink: Sink) => Cancel {
  checkWatchOptions(call);
  const asked = call.query.get('resourceVersion') ?? '';
  if (asked !== '' && !/^\d+$/.test(asked))
    throw badRequest(`Invalid value: ${JSON.stringify(asked)}: invalid resource version`);
  const selected = selectionOf(call, target.resource);
  return (sink) => started({ api, call, target, selected, sink }, asked);
}

function checkWatchOptions(call: Call): void {
  const causes: Cause[] = [];
  const match = call.query.get('resourceVersionMatch') ?? '';
  if (call.query.has('sendInitialEvents') && match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    causes.push(notAllowed('resourceVersionMatch', why));
  }
  if (match !== '' && !call.query.has('sendInitialEvents')) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    causes.push(notAllowed('resourceVersionMatch', why));
  }
  if (causes.length > 0) throw invalid({ kind: 'ListOptions', group: 'meta.k8s.io' }, '', causes);
}

function started(watching: Watch, asked: string): Cancel {
  const { api, call, target, selected, sink } = watching;
  const wantsInitial = call.query.get('sendInitialEvents');
  const fromNow = asked === '' || asked === '0';
  const missed = fromNow ? [] : api.store.since(Number(asked));
  if (missed === undefined) {
    sink.line({ type: 'ERROR', object: expired(asked, api.store.oldest()).status });
    sink.end();
    return () => undefined;
  }
  if (wantsInitial === 'true' || (fromNow && wantsInitial === null)) {
    for (const object of api.store.list(target.resource, target.namespace).filter(selected)) {
      send(watching, 'ADDED', object);
    }
  }
  if (wantsInitial === 'true') bookmark(watching, { 'k8s.io/initial-events-end': 'true' });
  else for (const change of missed) pass(watching, change);
  return followed(watching);
}

function followed(watching: Watch): Cancel {
  const { api, call, sink } = watching;
  const unsubscribe = api.store.subscribe((change) => pass(watching, change));
  const wantsBookmarks = call.query.get('allowWatchBookmarks') === 'true';
  let cancelBookmark: Cancel = () => undefined;
  const nextBookmark = (): void => {
    cancelBookmark = api.clock.after(bookmarkEveryMs, () => {
      bookmark(watching, undefined);
      nextBookmark();
    });
  };
  if (wantsBookmarks) nextBookmark();
  const limitSeconds = Number(call.query.get('timeoutSeconds') ?? 0);
  const stop = (): void => {
    unsubscribe();
    cancelBookmark();
    cancelLimit();
  };
  const cancelLimit: Cancel =
    limitSeconds > 0
      ? api.clock.after(limitSeconds * 1_000, () => {
          stop();
          sink.end();
        })
      : () => undefined;
  return stop;
}

/** A change as this watch sees it: what comes into its selection is added, what leaves it is deleted. */
function pass(watching: Watch, change: Change): void {
  const { target, selected } = watching;
  const { object, previous } = change;
  if (qualified(change.resource) !== qualified(target.resource)) return;
  if (target.namespace !== null && object.metadata.namespace !== target.namespace) return;
  const was = previous !== null && selected(previous);
  const is = change.type !== 'DELETED' && selected(object);
  if (is) send(watching, was ? 'MODIFIED' : 'ADDED', object);
  else if (was) {
    const { resourceVersion } = object.metadata;
    send(watching, 'DELETED', change.type === 'DELETED' ? object : withMeta(previous, { resourceVersion }));
  }
}

function send({ api, call, target, sink }: Watch, type: Change['type'], object: KubeObject): void {
  sink.line({ type, object: shown(api, call, target.resource, object) });
}

function bookmark({ api, target, sink }: Watch, annotations: Record<string, string> | undefined): void {
  const metadata = {
    resourceVersion: String(api.store.version()),
    creationTimestamp: null,
    ...(annotations === undefined ? {} : { annotations }),
  };
  const kind = { kind: target.resource.kind, apiVersion: groupVersion(target.resource) };
  sink.line({ type: 'BOOKMARK', object: { ...kind, metadata } });
}
