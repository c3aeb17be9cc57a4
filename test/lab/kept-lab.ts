/** A lab that goes on until it is stopped, for tests that act in its world from outside. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorldFile } from '../../lab/world-file.ts';
import type { Ran } from '../fakes/program.ts';
import { newPlace, type Place, startAt } from './place.ts';
import { bounded } from './waiting.ts';

export type KeptLab = {
  readonly place: Place;
  readonly world: WorldFile;
  /** The aggregator's write token, in a file as operators have it. */
  readonly tokenFile: string;
  stop(): Promise<Ran>;
};

/** Resolves when the lab's own fleet is up and has taken its samples. */
export async function keepLab(seed: number): Promise<KeptLab> {
  const place = newPlace();
  const some = ['--drill', 'none', '--only', 'smoke.us-east-1'];
  const lab = startAt(place, ['lab', '--keep', ...some, '--seed', String(seed), '--out', place.outDir]);
  const stop = (): Promise<Ran> => {
    lab.kill('SIGINT');
    return bounded(30_000, 'the lab to end', lab.ended);
  };
  try {
    await bounded(90_000, 'the lab to be up', lab.said(/the world goes on until Ctrl-C/));
  } catch (error) {
    await stop();
    throw error;
  }
  const world = JSON.parse(readFileSync(join(place.outDir, 'world.json'), 'utf8')) as WorldFile;
  const tokenFile = join(place.dir, 'token');
  writeFileSync(tokenFile, world.aggregator.writeToken, { mode: 0o600 });
  return { place, world, tokenFile, stop };
}

/** What an operator sets for the programs that are to work in this world. */
export function operatorEnvironment(world: WorldFile): Record<string, string> {
  return {
    NODE_EXTRA_CA_CERTS: world.caFile,
    AWS_ENDPOINT_URL_ROUTE_53: world.route53.endpoint,
    AWS_REGION: world.route53.region,
    AWS_ACCESS_KEY_ID: 'example',
    AWS_SECRET_ACCESS_KEY: 'example',
  };
}
