/** Flags that several drill commands have. */
import type { Command } from 'commander';
import { gathered } from '../options.ts';

export const scenarioFlag = ['--scenario <file>', 'the scenario that names regions, clusters and drills'] as const;
export const clusterFlag = ['--kubeconfig <file>', 'the clusters’ contexts (default: where kubectl looks)'] as const;
export const evidenceFlag = [
  '--evidence <dir>',
  'where each drill’s evidence is written',
  '.blackstart/drills',
] as const;
export const jsonFlag = ['--json', 'one JSON document on stdout'] as const;

export function fleetFlags(command: Command): Command {
  return command
    .option('--aggregator <url>', 'where the aggregator listens; each of several (again, or with commas)', gathered)
    .option('--token-file <file>', "the aggregator's write token");
}
