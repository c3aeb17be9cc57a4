import type { Row } from '../../contract/verdict.ts';
import type { Facts, LogRecord } from '../world.ts';
import { counted, type Finding, fail, inconclusive, pass, row } from './row.ts';

const event = 'data_residency_violation';

/**
 * One record for each refusal that an agent saw, by its request id, and none for a request that an agent saw answered
 * otherwise. Users' refusals have records too: no agent saw those requests, so they only must not have two.
 */
export function refusalLogRow(facts: Facts, refusal: number): Row {
  const statuses = new Map<string, number>();
  for (const { details } of facts.results) {
    if (details.requestId !== undefined && details.status !== undefined)
      statuses.set(details.requestId, details.status);
  }
  const refused = [...statuses].filter(([, status]) => status === refusal).map(([id]) => id);
  const records = Object.values(facts.residencyLog)
    .flat()
    .filter((record) => record.event === event);
  const limit = `one ${event} for each ${refusal}, and none without`;
  const criterion = { id: 'residency.log', limit, evidence: ['residency-log', 'eu-elsewhere'] };
  return row(criterion, judge({ refused, statuses, records, refusal }));
}

type Seen = {
  readonly refused: readonly string[];
  readonly statuses: ReadonlyMap<string, number>;
  readonly records: readonly LogRecord[];
  readonly refusal: number;
};

function judge({ refused, statuses, records, refusal }: Seen): Finding {
  const logged = new Map<string, number>();
  for (const { requestId } of records) logged.set(requestId, (logged.get(requestId) ?? 0) + 1);
  const silent = refused.filter((id) => !logged.has(id));
  const repeated = [...logged].filter(([, count]) => count > 1);
  const groundless = [...logged].filter(([id]) => statuses.has(id) && statuses.get(id) !== refusal);
  const matched = refused.length - silent.length;
  const measured = { value: matched, lower: matched, upper: matched, unit: 'refusals with a record' };
  const wrong = [
    silent.length > 0 ? `${silent.length} of ${counted(refused.length, 'refusal')} without a record` : '',
    repeated.length > 0 ? `${counted(repeated.length, 'request')} with more than one record` : '',
    groundless.length > 0 ? `${counted(groundless.length, 'record')} of requests that were not refused` : '',
  ].filter((text) => text !== '');
  if (wrong.length > 0) return fail(wrong.join('; '), measured);
  if (refused.length === 0) return inconclusive('no agent saw a refusal', measured);
  return pass(
    `${counted(refused.length, 'refusal')} seen by agents, each with one of ${records.length} records`,
    measured,
  );
}
