import { createSecureContext } from 'node:tls';
import type { HostPort } from '../../contract/address.ts';
import type { Clock } from '../../contract/clock.ts';
import { messageOf } from '../../contract/failure.ts';
import type { Log } from '../../contract/log.ts';
import { type Random, seededRandom } from '../../contract/random.ts';
import type { Population } from '../../scenarios/world.ts';
import { type PopulationStats, tally } from './stats.ts';
import { live } from './user.ts';

export type LabUsersOptions = {
  readonly populations: readonly Population[];
  readonly resolverOf: (place: string) => HostPort;
  /** The address of the n-th user at a place, counted over all populations there. */
  readonly sourceOf: (place: string, index: number) => string;
  readonly caPem: string;
  /** The port that all doors share. */
  readonly port: number;
};

export type RunningUsers = {
  /** Ends their requests and connections. */
  stop(): Promise<void>;
  /** In the order of the populations. */
  stats(): readonly PopulationStats[];
};

type Deps = { readonly clock: Clock; readonly random: Random; readonly log: Log };

/** People who use the service while it is watched: real names, real requests. The service counts them; no agent does. */
export function labUsers(options: LabUsersOptions, { clock, random, log }: Deps): RunningUsers {
  const { populations, resolverOf, sourceOf, caPem, port } = options;
  const stopping = new AbortController();
  const secureContext = createSecureContext({ ca: caPem, minVersion: 'TLSv1.3' });
  const atPlace = new Map<string, number>();
  const tallies = populations.map(tally);

  const lives = populations.flatMap((population, at) => {
    const own = tallies[at] ?? tally(population);
    return Array.from({ length: population.count }, () => {
      const { place } = population;
      const index = atPlace.get(place) ?? 0;
      atPlace.set(place, index + 1);
      const sourceAddress = sourceOf(place, index);
      // Each user draws from a stream of its own, so that a seed gives each the same life however they interleave.
      const chance = seededRandom(Math.floor(random() * 0x1_0000_0000));
      return live(
        { population, resolver: resolverOf(place), sourceAddress, port, secureContext },
        { clock, random: chance, tally: own, signal: stopping.signal },
      ).catch((error: unknown) => log.error({ sourceAddress, error: messageOf(error) }, 'a simulated user broke down'));
    });
  });

  return {
    async stop() {
      stopping.abort(new Error('the users are told to stop'));
      await Promise.all(lives);
    },
    stats: () => tallies.map((each) => each.stats()),
  };
}
