/** What one name server knows: zone and health as they have reached it, each a little later than they were decided. */
import type { Cancel, Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { Healthy } from '../../zone/answer.ts';
import type { Zone } from '../../zone/records.ts';

/** All that name servers need of the control plane. */
export type Publisher = {
  zone(): Zone;
  /** `apply` makes a change visible within `withinMs` and resolves when it is. */
  publishTo(apply: (zone: Zone, withinMs: number) => Promise<void>): Cancel;
};

/** All that name servers need of the health checkers. */
export type HealthSource = {
  healthy(healthCheckId: string): boolean;
  onFlip(listener: (healthCheckId: string, healthy: boolean) => void): Cancel;
};

export type View = { readonly zone: () => Zone; readonly healthy: Healthy; readonly close: () => void };

/** From a flip's decision to a name server: the shortest and the longest way. */
const shortestPushMs = 2;
const longestPushMs = 40;

/** `onChange` is called right after something arrived that may change answers. */
export function serverView(
  sources: { readonly store: Publisher; readonly health: HealthSource },
  deps: { readonly clock: Clock; readonly random: Random },
  onChange: () => void,
): View {
  const { store, health } = sources;
  const { clock, random } = deps;
  const waiting = new Map<Cancel, () => void>();
  const arrived = new Map<string, boolean>();
  let zone = store.zone();

  function later(delayMs: number, run: () => void): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, () => {
        waiting.delete(cancel);
        run();
        onChange();
        resolve();
      });
      waiting.set(cancel, resolve);
    });
  }

  const stopZone = store.publishTo((next, withinMs) =>
    later(random() * withinMs, () => {
      zone = next;
    }),
  );
  const stopHealth = health.onFlip((id, healthy) => {
    // Nobody asked for it so far: then what held until this flip is what this server still has to believe.
    if (!arrived.has(id)) arrived.set(id, !healthy);
    // What arrives is what holds then: a flip that was taken back under way is never seen out of order.
    void later(shortestPushMs + random() * (longestPushMs - shortestPushMs), () => {
      arrived.set(id, health.healthy(id));
    });
  });

  return {
    zone: () => zone,
    healthy(id) {
      const known = arrived.get(id) ?? health.healthy(id);
      arrived.set(id, known);
      return known;
    },
    close() {
      stopZone();
      stopHealth();
      for (const [cancel, resolve] of waiting) {
        cancel();
        resolve();
      }
      waiting.clear();
    },
  };
}
