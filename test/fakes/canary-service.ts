/** A service of several regions that keeps records and replicates them, in simulated time: what canaries are written to. */
import type { CanaryCall } from '../../chaos/canaries/book.ts';
import type { CanaryHttp, CanaryReply } from '../../chaos/canaries/http.ts';
import type { Clock } from '../../contract/clock.ts';
import { sleep } from '../../contract/clock.ts';

export type CanaryServiceOptions = {
  readonly clock: Clock;
  readonly regions: readonly string[];
  readonly lagMs: number;
  readonly isUp: (region: string) => boolean;
  /** Where the entry name leads. */
  readonly entry: () => string;
  /** From one region to the others. `drop`: what it takes never leaves it. `double`: what leaves it arrives twice. */
  readonly replication?: (from: string) => 'sound' | 'drop' | 'double';
  /** Whether regions reach each other; absent: they do. */
  readonly areParted?: () => boolean;
  /** What a region that comes back has forgotten: what had not left it. */
  readonly forgetful?: boolean;
  /** The only region that takes writes now; `null`: all do. */
  readonly writer?: () => string | null;
};

export type CanaryService = CanaryHttp & {
  /** Region to the ids in its store, once for each time. */
  readonly stores: ReadonlyMap<string, string[]>;
  /** Every call, in order. */
  readonly calls: CanaryCall[];
  /** What a region answers to DELETE instead of erasing; 0: nothing at all. */
  erasing: number | null;
};

const answerMs = 7;

export function canaryService(options: CanaryServiceOptions): CanaryService {
  const { clock, regions, lagMs, isUp } = options;
  const stores = new Map(regions.map((region) => [region, [] as string[]]));
  const erased = new Set<string>();
  const forgotten = new Set<string>();
  const calls: CanaryCall[] = [];
  const storeOf = (region: string): string[] => stores.get(region) ?? [];

  /** Leaves when its region is up, and arrives when the other is. */
  function replicate(id: string, from: string, to: string, times: number): void {
    clock.after(lagMs, () => {
      if (erased.has(id)) return;
      if (!isUp(from) && options.forgetful === true) {
        forgotten.add(id);
        stores.set(
          from,
          storeOf(from).filter((own) => own !== id),
        );
      }
      if (forgotten.has(id)) return;
      if (!isUp(from) || !isUp(to) || options.areParted?.() === true) return replicate(id, from, to, times);
      for (let time = 0; time < times; time += 1) storeOf(to).push(id);
    });
  }

  function put(region: string, id: string): number {
    const writer = options.writer?.() ?? null;
    if (writer !== null && writer !== region) return 409;
    if (storeOf(region).includes(id)) return 409;
    storeOf(region).push(id);
    const how = options.replication?.(region) ?? 'sound';
    for (const to of regions.filter((other) => other !== region)) {
      if (how !== 'drop') replicate(id, region, to, how === 'double' ? 2 : 1);
    }
    return 201;
  }

  function answer(region: string, { method, url, body }: CanaryCall): CanaryReply {
    const reply = (status: number, document: object): CanaryReply => ({
      status,
      headers: { 'x-region': region },
      body: JSON.stringify(document),
    });
    if (!isUp(region)) return { status: 503, headers: {}, body: '' };
    if (method === 'POST') return reply(put(region, (JSON.parse(body ?? '{}') as { id: string }).id), {});
    if (method === 'GET') return reply(200, { records: storeOf(region).map((id) => ({ id })) });
    if (service.erasing !== null) return reply(service.erasing, {});
    const id = new URL(url).pathname.split('/').at(-1) ?? '';
    erased.add(id);
    stores.set(
      region,
      storeOf(region).filter((own) => own !== id),
    );
    return reply(204, {});
  }

  const service: CanaryService = Object.assign(
    async (call: CanaryCall, signal: AbortSignal): Promise<CanaryReply> => {
      calls.push(call);
      const [label = ''] = new URL(call.url).hostname.split('.', 1);
      const region = label === 'api' ? options.entry() : label;
      await sleep(clock, answerMs / 2, signal);
      const reply = answer(region, call);
      await sleep(clock, answerMs / 2, signal);
      return reply;
    },
    { stores, calls, erasing: null },
  );
  return service;
}
