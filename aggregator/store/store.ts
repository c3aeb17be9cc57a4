import type { CountedDrill } from '../slo/drilled.ts';
import type { Reader } from './reader.ts';
import type { Loaded } from './rows.ts';
import { type Thread, thread } from './thread.ts';
import type { Writer } from './writer.ts';

export { StoreFailed } from './thread.ts';

type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...values: infer V) => infer R ? (...values: V) => Promise<R> : never;
};
/** Writes are done in the order in which they are asked for; reads see what was committed before. */
export type Store = Remote<Writer> &
  Remote<Reader> & {
    readonly loaded: Loaded;
    /** What verdicts count of all drills that reach beyond that moment; `loaded` has the newest, to be shown. */
    drillsBeyond(ms: number): Promise<readonly CountedDrill[]>;
    close(): Promise<void>;
  };

/** Opens or makes the database. Rejects with one clear sentence when the file is foreign, damaged or in use. */
export async function openStore(file: string): Promise<Store> {
  const writer = thread('writer', file);
  try {
    const loaded = (await writer.call('load', [])) as Loaded;
    let reader: Thread | undefined;
    const write =
      (method: keyof Writer) =>
      (...values: unknown[]) =>
        writer.call(method, values);
    const read =
      (method: keyof Reader) =>
      (...values: unknown[]) => {
        // Not before somebody asks: a thread takes memory, and many an aggregator is only ever scraped.
        reader ??= thread('reader', file);
        return reader.call(method, values);
      };
    return {
      loaded,
      drillsBeyond: (ms) => writer.call('drillsBeyond', [ms]),
      commit: write('commit'),
      fold: write('fold'),
      saveAgent: write('saveAgent'),
      saveChecks: write('saveChecks'),
      setMeta: write('setMeta'),
      saveDrill: write('saveDrill'),
      saveBurst: write('saveBurst'),
      saveAnnotation: write('saveAnnotation'),
      prune: write('prune'),
      results: read('results'),
      reportHtml: read('reportHtml'),
      drill: read('drill'),
      annotations: read('annotations'),
      async close() {
        await reader?.end();
        await writer.end();
      },
    } as Store;
  } catch (error) {
    await writer.end();
    throw error;
  }
}
