/** A well-behaved agent beside hostile ones: it keeps a ledger, and its numbers are the ones that must not move. */
import { expect } from 'vitest';
import type { ResultsAnswer } from '../../../contract/api.ts';
import { bad, result, sendResults, welcomed } from '../../aggregator/harness.ts';
import type { Collecting } from './processes.ts';

export const name = 'well-behaved';
const perTurn = 20;

export type Beside = {
  /** Results go in and are acknowledged: the aggregator lives, and nobody else held it up. */
  goesOn(): Promise<void>;
  /** All that the aggregator says of it is what its ledger says. */
  expectExact(): Promise<void>;
};

export function agentBeside(collecting: () => Collecting): Beside {
  const ledger = new Map<number, 'good' | 'bad'>();
  return {
    async goesOn() {
      const agent = await welcomed(collecting().url, { agent: name, vantage: name, boot: 'b1' });
      expect(agent.welcome.ackedSeq).toBe(ledger.size);
      const first = ledger.size + 1;
      const results = Array.from({ length: perTurn }, (_, index) => {
        const seq = first + index;
        const outcome = seq % 5 === 0 ? 'bad' : 'good';
        ledger.set(seq, outcome);
        return outcome === 'bad' ? bad(seq) : result(seq);
      });
      await sendResults(agent, results);
      agent.socket.terminate();
    },
    async expectExact() {
      const { url } = collecting();
      // The series of a vantage that is gone end: it has to be there.
      const { socket } = await welcomed(url, { agent: name, vantage: name, boot: 'b1' });
      const outcomes: [number, string][] = [];
      for (let before = ''; ; ) {
        const answer = await fetch(`${url}/api/v1/results?limit=10000&check=home${before}`);
        const page = (await answer.json()) as ResultsAnswer;
        for (const { agent, seq, outcome } of page.results) if (agent === name) outcomes.push([seq, outcome]);
        if (page.next === null) break;
        before = `&before=${page.next}`;
      }
      expect(outcomes.toSorted(([a], [b]) => a - b)).toEqual([...ledger]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const good = [...ledger.values()].filter((outcome) => outcome === 'good').length;
      expect(sumOf(metrics, 'blackstart_probe_results_total', { vantage: name, outcome: 'good' })).toBe(good);
      expect(sumOf(metrics, 'blackstart_probe_duration_seconds_count', { vantage: name })).toBe(good);
      expect(sumOf(metrics, 'blackstart_results_missing_total', { vantage: name, reason: 'dropped' })).toBe(0);
      socket.terminate();
    },
  };
}

/** Of all series of that name with these labels. */
export function sumOf(metrics: string, metric: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(`${metric}{`) && !line.startsWith(`${metric} `)) continue;
    if (!Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`))) continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

export async function metricsOf({ url }: Collecting): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
