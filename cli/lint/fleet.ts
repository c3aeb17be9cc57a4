/** The vantages that probe, by those who know: the aggregators that agents are connected to. */
import { aggregatorHttp } from '../../chaos/aggregator-client.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { FleetAnswer } from '../../contract/api.ts';
import { isObject } from '../../contract/json.ts';
import type { Io } from '../io.ts';

/** Of all aggregators, in order of their names. Throws `Trouble` when one of them does not answer as such. */
export async function connectedVantages(
  urls: readonly URL[],
  token: string | null,
  io: Io,
): Promise<readonly string[]> {
  const fleets = await Promise.all(
    urls.map(async (url) => {
      const answer = await aggregatorHttp(url, token, io.clock).get<Partial<FleetAnswer> | null>(
        '/api/v1/fleet',
        io.signal,
      );
      const agents: unknown = answer?.agents;
      if (Array.isArray(agents) && agents.every(isAgent)) return agents;
      throw new Trouble('unreachable', `what answers at ${url.origin} is no aggregator: it has no fleet`);
    }),
  );
  const vantages = fleets
    .flat()
    .filter(({ connected }) => connected)
    .map(({ vantage }) => vantage);
  return [...new Set(vantages)].sort();
}

type Agent = Pick<FleetAnswer['agents'][number], 'vantage' | 'connected'>;

function isAgent(value: unknown): value is Agent {
  return isObject(value) && typeof value['vantage'] === 'string' && typeof value['connected'] === 'boolean';
}
