/** Makes the requests of one step: the same bytes however often they are sent. */
import { type Clock, sleep } from '../../contract/clock.ts';
import { hashOf } from '../../contract/random.ts';
import type { Cut } from '../metrics/cut.ts';
import { collected } from './collect.ts';
import { type Encoder, encodeMetadata, encoder } from './encode.ts';
import type { Step } from './ledger.ts';
import type { RemoteWriteOptions } from './options.ts';
import type { Described, Point } from './point.ts';
import type { QueuedRequest } from './queue-rows.ts';
import { compressSnappy } from './snappy.ts';

/** A series is always in the same one. Never to be changed while requests wait: their order is that of their shard. */
export const shards = 4;
const maxPoints = 2_000;
const maxBytes = 1_048_576;
/** Points between two turns of the event loop: about two milliseconds' worth. */
const pointsPerTurn = 500;

export type StepRequests = { readonly requests: readonly QueuedRequest[]; readonly ended: readonly string[] };

/** With `metadata`, what the families are is said too, where the version has no place for it beside the samples. */
export async function requestsOf(
  cut: Cut,
  step: Step,
  options: RemoteWriteOptions,
  at: { readonly stepMs: number; readonly clock: Clock; readonly metadata: boolean },
): Promise<StepRequests> {
  const { version } = options;
  const encoders = Array.from({ length: shards }, () => encoder(version));
  const requests: QueuedRequest[] = [];
  const families = new Map<string, Described>();
  const flush = (shard: number, one: Encoder): void => {
    if (one.points === 0) return;
    const { points, histograms } = one;
    const body = compressSnappy(one.take());
    requests.push({ version, shard, stepMs: at.stepMs, samples: points - histograms, histograms, body });
  };
  let sinceTurn = 0;
  const add = async (point: Point): Promise<void> => {
    const shard = hashOf(point.series.id) % shards;
    const one = encoders[shard] as Encoder;
    one.add(point);
    if (one.points >= maxPoints || one.bytes >= maxBytes) flush(shard, one);
    sinceTurn += 1;
    if (sinceTurn < pointsPerTurn) return;
    sinceTurn = 0;
    await sleep(at.clock, 0);
  };
  for (const one of collected(cut, options)) {
    const point = step.take(one);
    if (point === undefined) continue;
    families.set(point.series.family.name, point.series.family);
    await add(point);
  }
  const ends = step.ends();
  for (const end of ends) await add(end);
  for (const [shard, one] of encoders.entries()) flush(shard, one);
  if (at.metadata && version === 1 && families.size > 0) {
    const body = compressSnappy(encodeMetadata(families.values()));
    requests.push({ version, shard: 0, stepMs: at.stepMs, samples: 0, histograms: 0, body });
  }
  return { requests, ended: ends.map(({ series }) => series.id) };
}
