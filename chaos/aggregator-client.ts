export { aggregatorClient } from './aggregator-client/client.ts';
export type { Fleet, ResultStream } from './aggregator-client/fleet.ts';
export { severalClients } from './aggregator-client/several.ts';
