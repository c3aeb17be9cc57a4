/** The last probes, and of the failed ones longer back: one that failed at night is still there in the morning. */

export type Past = {
  readonly id: number;
  readonly module: string;
  readonly target: string;
  readonly success: boolean;
  /** Log, metrics and module, made when somebody looks. */
  readonly debug: () => string;
};

export type History = {
  add(probe: Omit<Past, 'id'>): void;
  /** The oldest first. */
  list(): readonly Past[];
  byId(id: number): Past | undefined;
  /** The oldest of them; `module` '' for any. */
  byTarget(target: string, module: string): Past | undefined;
};

/** Holds the last `limit`, and as many failed ones that fell out of them. */
export function newHistory(limit: number): History {
  const recent: Past[] = [];
  const failed: Past[] = [];
  let nextId = 0;
  const list = (): readonly Past[] => [...failed, ...recent];
  return {
    add(probe) {
      recent.push({ ...probe, id: nextId });
      nextId += 1;
      if (recent.length <= limit) return;
      const oldest = recent.shift();
      if (oldest === undefined || oldest.success) return;
      failed.push(oldest);
      if (failed.length > limit) failed.shift();
    },
    list,
    byId: (id) => list().find((one) => one.id === id),
    byTarget: (target, module) =>
      list().find((one) => one.target === target && (module === '' || module === one.module)),
  };
}
