export { aggregatorClient } from './aggregator-client/client.ts';
export type { Fleet, ResultStream } from './aggregator-client/fleet.ts';
export { http as aggregatorHttp, Refused } from './aggregator-client/http.ts';
export { severalClients } from './aggregator-client/several.ts';
