/** The table of rules: what is alerted, how badly, and from which facts. A new alert is a row here. Pure. */
import { nameOfSchedule } from '../../contract/schedule.ts';
import { formatMs } from '../../contract/units.ts';
import type { AlertLabels, AlertRule, Found } from './alert.ts';
import { burning } from './burning.ts';
import type { AlertFacts } from './facts.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
/** What was written down must be at the receiver after so long, or it does not get through. */
const writtenWithinMs = minuteMs;
/** A runner says every second that it lives; its clock may be off. */
const runnerSilentMs = 2 * minuteMs;

export const alertRules: readonly AlertRule[] = [
  {
    name: 'BlackstartObjectiveFailed',
    severity: 'critical',
    forMs: 0,
    keepMs: minuteMs,
    find: ({ failing }) =>
      failing.map(({ objective: { id, check, region }, verdict }) => ({
        labels: { objective: id, check, region: region ?? '' },
        summary: `Objective ${id} is not met.`,
        description: verdict.because,
        path: '/',
      })),
    isOver: (facts, labels) => isRead(facts, labels) && !facts.unvouched.includes(labels.objective ?? ''),
  },
  { ...burning('BlackstartBudgetBurnsFast', 'critical', 'page'), isOver: isRead },
  { ...burning('BlackstartBudgetBurnsSlowly', 'warning', 'ticket'), isOver: isRead },
  {
    name: 'BlackstartRegionDown',
    severity: 'critical',
    // One bad round is no outage.
    forMs: 30 * secondMs,
    keepMs: 0,
    find: ({ dark }) =>
      dark.map((region) => ({
        labels: { region },
        summary: `Region ${region} does not answer as expected.`,
        description: 'So say its own vantage, or most of the others where it has none.',
        path: '/',
      })),
    isOver: ({ unseen }, { region = '' }) => !unseen.includes(region),
  },
  {
    name: 'BlackstartAgentGone',
    severity: 'warning',
    // Longer than an agent takes to come back after a restart of its own or of the aggregator.
    forMs: minuteMs,
    keepMs: 0,
    find: ({ gone, nowMs }) =>
      gone.map(({ vantage, region, agent, lastSeenMs }) => ({
        labels: { vantage, region },
        summary: `No agent probes from ${vantage}.`,
        description: `Agent ${agent} was heard last ${formatMs(nowMs - lastSeenMs)} ago; its results are missing since.`,
        path: '/',
      })),
  },
  {
    name: 'BlackstartSourceDown',
    severity: 'warning',
    forMs: 2 * minuteMs,
    keepMs: 0,
    find: ({ sources }) =>
      sources
        .filter(({ up }) => up === false)
        .map(({ source, region }) => ({
          labels: { source, region: region ?? '' },
          summary: `Metrics of ${source} cannot be read.`,
          description: 'What it says is passed on no more, and its series end. The log has what came instead.',
          path: '/',
        })),
  },
  {
    name: 'BlackstartRemoteWriteStalled',
    severity: 'warning',
    forMs: 2 * minuteMs,
    keepMs: 0,
    find: ({ destinations, nowMs }) =>
      destinations
        .filter(({ pendingSamples, highestMs }) => pendingSamples > 0 && nowMs - highestMs > writtenWithinMs)
        .map(({ destination, pendingSamples }) => ({
          labels: { destination },
          summary: `Remote write to ${destination} does not get through.`,
          description: `${pendingSamples} samples wait on disk; at its bound the oldest go.`,
          path: '/',
        })),
  },
  {
    name: 'BlackstartDrillNotRestored',
    severity: 'critical',
    forMs: 0,
    keepMs: 0,
    find: ({ drills }) =>
      drills
        .filter(({ status, restored, left }) => status === 'over' && (!restored || left.length > 0))
        .map((drill) => ({
          ...ofDrill(drill),
          summary: `Drill ${drill.name} is over, and ${drill.region} is not as it was: "drill recover" mends.`,
          description: drill.left.length > 0 ? drill.left.join(' · ') : drill.verdict.because,
        })),
  },
  {
    name: 'BlackstartDrillSilent',
    severity: 'critical',
    forMs: 30 * secondMs,
    keepMs: 0,
    find: ({ drills, nowMs }) =>
      drills
        .filter(({ status, aliveAtMs }) => status === 'running' && nowMs - (aliveAtMs ?? nowMs) > runnerSilentMs)
        .map((drill) => ({
          ...ofDrill(drill),
          summary: `The runner of drill ${drill.name} is silent: its restorer should have put ${drill.region} back.`,
          description: `It was last heard in phase ${drill.phase}. "drill recover" shows what is left, and mends it.`,
        })),
  },
  {
    name: 'BlackstartDrillRunning',
    severity: 'info',
    forMs: 0,
    keepMs: 0,
    find: ({ drills }) =>
      drills
        .filter(({ status }) => status === 'running')
        .map((drill) => ({
          ...ofDrill(drill),
          // An observation takes nothing away, and waits for a region to go dark.
          summary:
            drill.region === ''
              ? `Drill ${drill.name} runs: no region has gone dark so far.`
              : `Drill ${drill.name} runs: ${drill.region} is taken away on purpose.`,
          description: `It is in phase ${drill.phase}.`,
        })),
  },
  {
    name: 'BlackstartDrillOverdue',
    severity: 'warning',
    forMs: 0,
    keepMs: 0,
    find: ({ scheduled }) =>
      scheduled
        .filter(({ status }) => status === 'fail')
        .map(({ id, because }) => ({
          labels: { name: nameOfSchedule(id) },
          summary: `Drill ${nameOfSchedule(id)} was due and has not run.`,
          description: because,
          path: '/',
        })),
  },
  {
    name: 'BlackstartResidencyViolation',
    severity: 'critical',
    forMs: 0,
    keepMs: 5 * minuteMs,
    find: ({ leaks }) =>
      leaks.map(({ check, vantage, country, servedBy, because }) => ({
        labels: { check, vantage, country, region: servedBy },
        summary: `Users of ${country || 'a country'} are served or stored where a residency rule forbids it.`,
        description: because,
        path: '/',
      })),
  },
];

/** Of an objective that is still being read nobody knows how it is. */
function isRead({ unread }: AlertFacts, { objective = '' }: AlertLabels): boolean {
  return !unread.includes(objective);
}

function ofDrill({ id, name, region }: { readonly id: string; readonly name: string; readonly region: string }) {
  const path = `/api/v1/drills/${encodeURIComponent(id)}/report.html`;
  return { labels: { drill: id, name, region }, path } satisfies Partial<Found>;
}
