/** The vantages that probe, by those who know: the aggregators that agents are connected to. */
import { aggregatorHttp } from '../../chaos/aggregator-client.ts';
import { Trouble } from '../../chaos/trouble.ts';
import type { FleetAnswer } from '../../contract/api.ts';
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
      if (Array.isArray(answer?.agents)) return answer.agents as FleetAnswer['agents'];
      throw new Trouble('unreachable', `what answers at ${url.origin} is no aggregator: it has no fleet`);
    }),
  );
  const vantages = fleets
    .flat()
    .filter(({ connected }) => connected)
    .map(({ vantage }) => vantage);
  return [...new Set(vantages)].sort();
}
