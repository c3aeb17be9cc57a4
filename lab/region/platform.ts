import { type Answer, json } from './service.ts';
import { linesOf, readStore } from './store.ts';
import type { Behind } from './way.ts';

export type PlatformOptions = {
  readonly region: string;
  readonly storeDir: string;
  readonly violationsPath: string;
  readonly metricsText: () => string;
  /** How far each other region is behind this one. */
  readonly behind: () => Readonly<Record<string, Behind>>;
  /** Status codes that are planted, by path. */
  readonly pathStatus: ReadonlyMap<string, number>;
};

/** Answers what belongs to the platform and not to the pods, or `undefined` where the path is the pods'. */
export type Platform = (path: string) => Promise<Answer> | undefined;

/**
 * Inventory, residency log, how far peers are behind, and metrics. The inventory reads the region's disk each time it is
 * asked; the guard and the service have no say in what it finds there.
 */
export function labPlatform(options: PlatformOptions): Platform {
  const pages: ReadonlyMap<string, () => Promise<Answer>> = new Map([
    ['/inventory', () => inventory(options)],
    ['/peers', async () => json(200, { peers: options.behind() })],
    ['/residency-log', () => residencyLog(options)],
    ['/metrics', async () => text(options.metricsText(), 'text/plain; version=0.0.4; charset=utf-8')],
  ]);
  return (path) => {
    const page = pages.get(path);
    const planted = options.pathStatus.get(path);
    return page === undefined || planted === undefined ? page?.() : Promise.resolve(json(planted, { status: planted }));
  };
}

async function inventory({ storeDir, region }: PlatformOptions): Promise<Answer> {
  const lines = await readStore(storeDir, region);
  return { ...json(200, {}), body: `{"records":[${lines.join(',\n')}]}\n` };
}

async function residencyLog({ violationsPath }: PlatformOptions): Promise<Answer> {
  const lines = await linesOf(violationsPath);
  return text(lines.map((line) => `${line}\n`).join(''), 'application/x-ndjson');
}

function text(body: string, contentType: string): Answer {
  return { status: 200, headers: { 'content-type': contentType }, body };
}
