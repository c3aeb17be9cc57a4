/**
 * The runner of one lab drill, in a process of its own: what it works out just before the injection would hold up the
 * checkers of a world in the same one. An order comes in as a message, what came of it goes back.
 */
import process from 'node:process';
import { aggregatorClient } from '../../chaos/aggregator-client.ts';
import { kubernetes } from '../../chaos/cloud/kubernetes.ts';
import { route53 } from '../../chaos/cloud/route53.ts';
import { type Outcome, runDrill } from '../../chaos/run.ts';
import { type ClockError, systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { drillName } from './world.ts';

export type Order = {
  readonly scenarioFile: string;
  readonly kubeconfig: string;
  readonly route53Endpoint: string;
  readonly aggregator: { readonly url: string; readonly token: string };
  readonly evidenceDir: string;
  readonly clock: ClockError;
  readonly seed: number;
};
export type Ran = Pick<Outcome, 'report' | 'exit' | 'evidence'>;

process.once('message', (order: Order) => {
  run(order).then(
    ({ report, exit, evidence }) => {
      process.send?.({ report, exit, evidence } satisfies Ran);
      process.disconnect();
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({
  scenarioFile,
  kubeconfig,
  route53Endpoint,
  aggregator,
  evidenceDir,
  ...own
}: Order): Promise<Outcome> {
  const clock = systemClock(own.clock);
  const scenario = await loadScenario(scenarioFile);
  const drill = scenario.drills.find(({ name }) => name === drillName);
  if (drill === undefined || scenario.zone === null) throw new Error('the scenario has no such drill');
  process.env['AWS_ENDPOINT_URL_ROUTE_53'] = route53Endpoint;
  const zone = await route53(scenario.zone.id, clock);
  const fleet = aggregatorClient({ url: new URL(aggregator.url), token: aggregator.token }, clock);
  try {
    return await runDrill(
      { scenario, drill, evidenceDir, version: 'bench', saved: null },
      {
        clock,
        random: seededRandom(own.seed),
        log: silent,
        fleet,
        openCluster: kubernetes(kubeconfig, clock).open,
        openSwitchboard() {
          throw new Error('this drill needs no switchboard');
        },
        zone,
        interrupt: new AbortController().signal,
        progress: () => undefined,
      },
    );
  } finally {
    zone.close();
  }
}
