import type { StoredResult } from '../../contract/api.ts';
import { ratioInterval } from '../../contract/statistics.ts';
import type { Measured, Row } from '../../contract/verdict.ts';
import type { AuditReport } from '../scenario.ts';
import type { Facts } from '../world.ts';
import { alpha, counted, type Finding, fail, inconclusive, listed, pass, row, tallied } from './row.ts';

/** Of each check and region: fewer answers show little. */
const answersNeeded = 5;

type Expected = {
  readonly checks: readonly string[];
  /** Regions that may serve and store. */
  readonly regions: readonly string[];
};

/** Users whom a rule names, entering by the entry name, are served and stored where the rule says. */
export function servedInsideRow(facts: Facts, { checks, regions }: Expected): Row {
  const inside = (region: string | null | undefined): boolean => regions.includes(region ?? '');
  const answers = answersTo(facts, checks);
  const limit = `served and stored in ${regions.join(' or ')}`;
  const wrong = answers.filter(
    (answer) => !(isServed(answer) && inside(answer.servedBy) && inside(answer.details.storedIn)),
  );
  const enough = checks.map((check) =>
    shortage(
      check,
      answers.filter((answer) => answer.check === check),
    ),
  );
  return row({ id: 'residency.eu-in-eu', limit, evidence: checks }, judge(answers, wrong, { enough, right: limit }));
}

/** Users whom no rule names are served and stored by whichever region they ask. */
export function servedAnywhereRow(facts: Facts, { checks, regions }: Expected): Row {
  const answers = answersTo(facts, checks);
  const wrong = answers.filter((answer) => !(isServed(answer) && answer.servedBy === answer.region));
  const enough = regions.map((region) =>
    shortage(
      region,
      answers.filter((answer) => answer.region === region),
    ),
  );
  const limit = `served by each of ${regions.join(', ')}`;
  return row({ id: 'residency.us-anywhere', limit, evidence: checks }, judge(answers, wrong, { enough, right: limit }));
}

/** Users whom a rule names, entering in a region that may not serve them, are refused, and nothing is stored. */
export function refusedRow(facts: Facts, { checks, regions }: Expected, refusal: number): Row {
  const answers = answersTo(facts, checks);
  const wrong = answers.filter((answer) => answer.details.status !== refusal || answer.details.storedIn !== undefined);
  const enough = regions.map((region) =>
    shortage(
      region,
      answers.filter((answer) => answer.region === region),
    ),
  );
  const limit = `${refusal} and nothing stored in ${regions.join(' and ')}`;
  return row({ id: 'residency.eu-refused', limit, evidence: checks }, judge(answers, wrong, { enough, right: limit }));
}

type Terms = { readonly enough: readonly (string | null)[]; readonly right: string };

function judge(answers: readonly StoredResult[], wrong: readonly StoredResult[], { enough, right }: Terms): Finding {
  const measured = ratioOf(answers.length - wrong.length, answers.length);
  if (wrong.length > 0) {
    const seen = listed(tallied(wrong.map(described)));
    return fail(`${wrong.length} of ${counted(answers.length, 'answer')}: ${seen}; want: ${right}`, measured);
  }
  const short = enough.filter((text) => text !== null);
  return short.length > 0
    ? inconclusive(`${short.join('; ')}, want at least ${answersNeeded} of each`, measured)
    : pass(`all ${counted(answers.length, 'answer')}: ${right}`, measured);
}

function shortage(of: string, answers: readonly StoredResult[]): string | null {
  return answers.length < answersNeeded ? `${counted(answers.length, 'answer')} of ${of}` : null;
}

function ratioOf(right: number, count: number): Measured | null {
  if (count === 0) return null;
  const [lower, upper] = ratioInterval(right, count, alpha);
  return { value: right / count, lower, upper, unit: 'ratio' };
}

/** Attempts without an answer say nothing about residency. */
function answersTo(facts: Facts, checks: readonly string[]): readonly StoredResult[] {
  return facts.results.filter((result) => checks.includes(result.check) && result.details.status !== undefined);
}

export function isServed({ details: { status } }: StoredResult): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** `DE at us-east-1: 201 by us-east-1, stored in us-east-1`. */
export function described({ region, entry, servedBy, details }: StoredResult): string {
  const stored = details.storedIn === undefined ? '' : `, stored in ${details.storedIn}`;
  const who = details.userCountry === undefined ? '' : `${details.userCountry} at `;
  return `${who}${region ?? entry ?? 'nowhere'}: ${details.status} by ${servedBy ?? 'nobody named'}${stored}`;
}

/** From inventories that the guard does not write. */
export function auditRow(audit: AuditReport | null): Row {
  const criterion = {
    id: 'residency.audit',
    limit: `every record of users of ${audit?.country ?? 'DE'} in ${audit?.allowed.join(' or ') ?? 'a region that may store it'}`,
    evidence: ['audit'],
  };
  if (audit === null) return row(criterion, inconclusive('no audit was made'));
  const found = Object.values(audit.records).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const measured = { value: found, lower: found, upper: found, unit: 'records' };
  return row(criterion, { status: audit.status, because: audit.because, measured });
}
