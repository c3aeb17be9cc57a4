/** An independent client: looks the name up and gets the page, again and again, and writes down who served it. */
import { get } from 'node:http';
import type { HostPort } from '../../../contract/address.ts';
import { clock, pause } from '../../lab/waiting.ts';
import { addressOf } from './lookup.ts';

export type Visit = { readonly fromMs: number; readonly toMs: number; readonly region: string | null };
/** Between two instants of the wall clock. */
export type Between = { readonly lowerMs: number; readonly upperMs: number };

export type Witness = { readonly visits: readonly Visit[]; stop(): Promise<void> };

const pauseMs = 20;
const limitMs = 1_000;

export function startWitness(host: string, port: number, recursor: HostPort): Witness {
  const visits: Visit[] = [];
  let isOver = false;
  async function follow(): Promise<void> {
    while (!isOver) {
      const fromMs = clock.nowMs();
      const address = await addressOf(host, recursor);
      const region = address === null ? null : await servedBy(address, port, host);
      visits.push({ fromMs, toMs: clock.nowMs(), region });
      await pause(pauseMs);
    }
  }
  const followed = follow();
  return {
    visits,
    async stop() {
      isOver = true;
      await followed;
    },
  };
}

/** `null` for everything but a good answer. */
function servedBy(address: string, port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ host: address, port, path: '/', agent: false, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? String(response.headers['x-region']) : null);
    });
    request.setTimeout(limitMs, () => request.destroy(new Error('no answer in time')));
    request.on('error', () => resolve(null));
  });
}

/** When a region began to serve for good, before `untilMs`: after the start of the last visit that it did not serve. */
export function began(visits: readonly Visit[], region: string, untilMs: number): Between | null {
  const seen = visits.filter(({ toMs }) => toMs <= untilMs);
  const last = seen.findLastIndex((visit) => visit.region !== region);
  const [before, after] = [seen[last], seen[last + 1]];
  return before === undefined || after === undefined ? null : { lowerMs: before.fromMs, upperMs: after.toMs };
}
