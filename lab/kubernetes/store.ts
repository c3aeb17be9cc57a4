/** All objects of one cluster, with one counter of versions and a bounded history for those who watch. */
import type { Cancel } from '../../contract/clock.ts';
import { type KubeObject, withMeta } from './object.ts';
import { qualified, type Resource } from './resources.ts';

export type Change = {
  readonly version: number;
  readonly resource: Resource;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  /** As it was before; `null` for one that was not there. */
  readonly previous: KubeObject | null;
};

export type Store = {
  /** The version of the newest change. */
  version(): number;
  get(resource: Resource, namespace: string | null, name: string): KubeObject | undefined;
  /** In the order of namespace and name; `null`: of all namespaces. */
  list(resource: Resource, namespace: string | null): readonly KubeObject[];
  /** Keeps the object under a new version and returns it with that version in it. */
  put(resource: Resource, object: KubeObject): KubeObject;
  remove(resource: Resource, object: KubeObject): KubeObject;
  /** What changed after `version`; `undefined` when some of that is forgotten. */
  since(version: number): readonly Change[] | undefined;
  /** Forgets the history, as compaction does: watches that are open go on, older versions cannot be watched from. */
  compact(): void;
  oldest(): number;
  /**
   * Called for each change, in order of version, before `put` or `remove` returns; of a change that a listener makes
   * itself all hear after the one that it heard.
   */
  subscribe(listener: (change: Change) => void): Cancel;
};

/** Keeps the newest `historyLimit` changes; who asks for older ones gets 410 and lists again. */
export function objectStore(historyLimit: number): Store {
  const objects = new Map<string, Map<string, KubeObject>>();
  const hearers = audience();
  let history: Change[] = [];
  let version = 1;
  let oldest = 0;

  function tableOf(resource: Resource): Map<string, KubeObject> {
    // All versions of a resource are the same objects.
    const key = qualified(resource);
    const table = objects.get(key) ?? new Map<string, KubeObject>();
    objects.set(key, table);
    return table;
  }

  function record(change: Omit<Change, 'version'>): void {
    history.push({ version, ...change });
    if (history.length > historyLimit * 2) {
      history = history.slice(-historyLimit);
      oldest = (history[0]?.version ?? version) - 1;
    }
    hearers.tell({ version, ...change });
  }

  function versioned(object: KubeObject): KubeObject {
    version += 1;
    return withMeta(object, { resourceVersion: String(version) });
  }

  return {
    version: () => version,
    get: (resource, namespace, name) => tableOf(resource).get(keyOf(namespace, name)),
    list(resource, namespace) {
      const all = [...tableOf(resource).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
      return namespace === null ? all : all.filter((object) => object.metadata.namespace === namespace);
    },
    put(resource, object) {
      const table = tableOf(resource);
      const key = keyOf(object.metadata.namespace ?? null, object.metadata.name);
      const previous = table.get(key) ?? null;
      const stored = versioned(object);
      table.set(key, stored);
      record({ resource, type: previous === null ? 'ADDED' : 'MODIFIED', object: stored, previous });
      return stored;
    },
    remove(resource, object) {
      const key = keyOf(object.metadata.namespace ?? null, object.metadata.name);
      const previous = tableOf(resource).get(key) ?? object;
      tableOf(resource).delete(key);
      const last = versioned(object);
      record({ resource, type: 'DELETED', object: last, previous });
      return last;
    },
    since: (from) => (from < oldest ? undefined : history.filter((change) => change.version > from)),
    compact() {
      history = [];
      oldest = version;
    },
    oldest: () => oldest,
    subscribe: hearers.subscribe,
  };
}

type Audience = { tell(change: Change): void; subscribe: Store['subscribe'] };

/** Tells changes one after the other, also those that are made while one is being told. */
function audience(): Audience {
  const listeners = new Set<(change: Change) => void>();
  const untold: Change[] = [];
  let isTelling = false;
  return {
    tell(change) {
      untold.push(change);
      if (isTelling) return;
      isTelling = true;
      try {
        for (let next = untold.shift(); next !== undefined; next = untold.shift()) {
          for (const listener of [...listeners]) listener(next);
        }
      } finally {
        isTelling = false;
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A name cannot contain a slash, so keys are unique, and sort by namespace first. */
function keyOf(namespace: string | null, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
