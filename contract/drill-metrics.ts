/** Metrics of a drill beyond its phase, verdict and stages: a part of the catalogue. */

const of = ['drill', 'name', 'region'];
/** Of a drill that is due at set times. */
const scheduled = ['scenario', 'name'];

export const drillMetrics = {
  drillMoment: entry(
    'blackstart_drill_timestamp_seconds',
    'seconds',
    [...of, 'moment', 'bound'],
    [
      "When the drill began, injected (t0), called restore, and ended, on the aggregator's clock, as bounds. What has not",
      'come yet is absent.',
    ],
  ),
  drillOutage: entry(
    'blackstart_drill_outage_seconds',
    'seconds',
    ['drill', 'entry', 'vantage', 'client', 'bound'],
    [
      'How long an entry name was not served because the region was lost, as bounds. The upper one is absent while the',
      'outage is open.',
    ],
  ),
  drillFailback: entry(
    'blackstart_drill_failback_seconds',
    'seconds',
    ['drill', 'vantage', 'client', 'stage', 'bound'],
    ['When the stage of the failback came, after the call of restore, as bounds. A stage not observed is absent.'],
  ),
  drillPredicted: entry(
    'blackstart_drill_predicted_seconds',
    'seconds',
    ['drill', 'stage', 'bound'],
    ['When the stage of the failover was predicted to come, after the injection: p5, p50 and p95.'],
  ),
  drillEntry: entry(
    'blackstart_drill_entry_status',
    null,
    ['drill', 'entry', 'status'],
    ['1 for the verdict on the entry name in the drill so far, 0 for the others.'],
  ),
  drillReplicas: entry(
    'blackstart_drill_replicas',
    null,
    [...of, 'state'],
    ["Replicas of the region's workloads at the runner's last look while the drill runs: wanted, and ready."],
  ),
  drillVerified: entry(
    'blackstart_drill_verified',
    null,
    [...of, 'part', 'item', 'state'],
    ['1 for what was read afresh once the region was put back, with how it was found.'],
  ),
  drillLastRun: entry('blackstart_drill_last_run_timestamp_seconds', 'seconds', scheduled, [
    'When a scheduled drill began last, by whomever it was run. Absent before its first run.',
  ]),
  drillLastStatus: entry(
    'blackstart_drill_last_status',
    null,
    [...scheduled, 'status'],
    ['1 for the verdict on the last run of a scheduled drill, 0 for the others.'],
  ),
  drillNextDue: entry('blackstart_drill_next_due_timestamp_seconds', 'seconds', scheduled, [
    'The first time at which a scheduled drill is due that no run has met; it is past while the drill is overdue.',
  ]),
  drillOverdue: entry('blackstart_drill_overdue', null, scheduled, [
    '1 while a scheduled drill was due and has not begun within its grace, 0 otherwise.',
  ]),
} as const;

function entry<const Unit extends 'seconds' | null>(
  name: string,
  unit: Unit,
  labels: readonly string[],
  help: readonly string[],
) {
  return { name, type: 'gauge' as const, unit, labels, help: help.join(' ') };
}
