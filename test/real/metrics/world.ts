/** An aggregator and an agent that probes something, as processes. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { listeningUrl, type Workshop, writeToken } from '../../cli/workshop.ts';
import type { Running } from '../../fakes/program.ts';
import { atEnd } from '../at-end.ts';

export type Watched = { readonly program: Running; readonly url: string };

export type Fleet = {
  readonly scenarioFile: string;
  aggregator(): Promise<Watched>;
  agent(aggregator: Watched): Running;
};

/** `more` goes into the scenario. */
export async function fleet(shop: Workshop, name: string, more: object): Promise<Fleet> {
  const target = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  atEnd(() => void target.close());
  const at = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
  const tokenFile = shop.file(`${name}-token`, `${writeToken}\n`);
  const scenario = {
    service: 'demo',
    entry: { api: at },
    regions: { here: { jurisdiction: 'US', endpoint: at, share: 100 } },
    checks: [{ name: 'home', kind: 'http', to: 'regions', path: '/', every: '200ms', timeout: '100ms' }],
    ...more,
  };
  const file = shop.file(`${name}.json`, JSON.stringify(scenario));
  const state = (who: string): string => `--state=${join(shop.dir, `${name}-${who}`)}`;
  return {
    scenarioFile: file,
    async aggregator() {
      const argv = ['aggregator', '--listen=127.0.0.1:0', state('aggregator'), `--token-file=${tokenFile}`];
      const program = shop.start([...argv, `--scenario=${file}`]);
      return { program, url: await listeningUrl(program) };
    },
    agent: ({ url }) =>
      shop.start([
        ...['agent', '--vantage=here', '--region=here', `--aggregator=${url}`],
        ...[`--token-file=${tokenFile}`, state('agent')],
      ]),
  };
}
