/** What artefacts are made from: a scenario, in the aggregator's words. */
import type { Objective } from '../../contract/objective.ts';

export type DashboardOptions = {
  readonly service: string;
  /** Of the metrics of each region. */
  readonly prefix: string;
  readonly regions: readonly string[];
  /** Names of the checks that ask DNS. */
  readonly dnsChecks: readonly string[];
  /** Whether any check is about residency. */
  readonly hasResidency: boolean;
  readonly objectives: readonly Objective[];
  /** The service's own counter of requests, which each region's metrics bring; `null` where none is kept. */
  readonly requests: string | null;
  /** Where people reach the aggregator's page; `null`: no links to it. */
  readonly aggregatorUrl: string | null;
  readonly prometheusUrl: string;
};

/** A file to be written; the path is relative to the folder that is asked for. */
export type Artefact = { readonly path: string; readonly text: string };

export type RulesOptions = Pick<DashboardOptions, 'service' | 'prefix' | 'regions' | 'objectives'> & {
  /** Of the scrape that brings our metrics: several scenarios in one Prometheus are told apart by it. */
  readonly job: string | null;
  /** Where the pages of `docs/runbooks` can be read; `null`: annotations name the page in the sources. */
  readonly runbooksUrl: string | null;
  /** Where people reach the aggregator: alerts lead to what it says of them. Without it they do not. */
  readonly aggregatorUrl?: string | null;
  readonly version: string;
};
