/** What runners and operators tell the aggregator: drills, bursts, annotations. On disk before it is answered. */
import type { BurstRequest } from '../contract/api.ts';
import type { Clock } from '../contract/clock.ts';
import type { DrillReport } from '../contract/drill.ts';
import { continued } from '../contract/slo/spans.ts';
import type { Core } from './api/core.ts';
import { scheduleBook } from './schedules.ts';
import type { Store } from './store/store.ts';

export type Records = Pick<Core, 'drills' | 'schedules' | 'annotations'> & {
  readonly bursts: {
    list(): readonly BurstRequest[];
    /** Of those that run now. */
    running(): readonly BurstRequest[];
    put(burst: BurstRequest): Promise<void>;
  };
};

/** Drills kept in memory, the newest; older ones are read from disk when somebody asks. */
const maxDrills = 200;
/** A burst that ended is still listed for so long. */
const burstShownMs = 3_600_000;
const maxBursts = 1_000;

export function records(store: Store, clock: Clock, onDrill: (drill: DrillReport) => void): Records {
  let drills: readonly DrillReport[] = store.loaded.drills;
  const bursts = new Map(store.loaded.bursts.map((burst) => [burst.id, burst]));

  function listed(): readonly BurstRequest[] {
    for (const [id, burst] of bursts) if (burst.untilMs < clock.nowMs() - burstShownMs) bursts.delete(id);
    for (const id of [...bursts.keys()].slice(0, Math.max(0, bursts.size - maxBursts))) bursts.delete(id);
    return [...bursts.values()];
  }

  return {
    drills: {
      list: () => drills,
      async get(id) {
        const known = drills.find((drill) => drill.id === id);
        if (known !== undefined) return known;
        const text = await store.drill(id);
        return text === null ? undefined : (JSON.parse(text) as DrillReport);
      },
      reportHtml: (id) => store.reportHtml(id),
      async put(report, html) {
        const before = await this.get(report.id);
        const drill = continued(before, report);
        await store.saveDrill(drill.id, drill.startedMs, drill.endedMs, JSON.stringify(drill), html);
        const others = drills.filter((other) => other.id !== drill.id);
        drills = [drill, ...others].sort((a, b) => b.startedMs - a.startedMs).slice(0, maxDrills);
        onDrill(drill);
        return before === undefined;
      },
    },
    schedules: scheduleBook(store, () => drills),
    bursts: {
      list: listed,
      running: () => listed().filter((burst) => burst.untilMs > clock.nowMs()),
      async put(burst) {
        await store.saveBurst(burst.id, burst.untilMs, JSON.stringify(burst));
        bursts.delete(burst.id);
        bursts.set(burst.id, burst);
      },
    },
    annotations: {
      list: () => store.annotations(),
      add: ({ atMs, text, drill }) => store.saveAnnotation(atMs, text, drill),
    },
  };
}
