import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { type Lab, startLab } from '../../lab/world.ts';
import { worlds } from '../../scenarios/worlds.ts';
import { workshop } from './workshop.ts';

const shop = workshop();

function start(name: string): Promise<Lab> {
  const world = worlds['agent-api'];
  if (world === undefined) throw new Error('no world agent-api');
  const plan = { world, profile: world.profiles.fast, seed: 1, plant: null, clusterToken: 'a-token' };
  return startLab({ ...plan, outDir: join(shop.dir, name) }, { clock: systemClock(), log: silent });
}

test('two labs on one machine share no port, and neither is disturbed by the end of the other', async () => {
  const [one, other] = await Promise.all([start('one'), start('other')]);
  try {
    const placesOf = ({ file }: Lab): string[] => [
      ...Object.values(file.regions).map(({ url }) => url),
      ...file.nameservers,
      ...Object.values(file.resolvers),
      file.route53.endpoint,
    ];
    expect(placesOf(one).filter((place) => placesOf(other).includes(place))).toEqual([]);
    await one.stop();
    const endpoint = new URL(`/2013-04-01/hostedzone/${other.file.route53.hostedZoneId}`, other.file.route53.endpoint);
    expect((await fetch(endpoint)).status).not.toBe(404);
    expect(readFileSync(other.file.kubeconfig, 'utf8')).toContain('us-east-1');
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});
