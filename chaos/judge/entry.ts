/** The verdict on one entry name. */
import { shifted } from '../../contract/bounds.ts';
import type { EntryReport, EntryTimeline, Passage } from '../../contract/drill.ts';
import { worst } from '../../contract/verdict.ts';
import type { DrillFacts } from '../facts.ts';
import { shownOutage } from '../report/numbers.ts';
import type { EntryHistory } from '../timeline.ts';
import { judgeResidency } from './residency.ts';
import { type Finding, judgeNames, judgeSide, type SideFacts } from './sides.ts';

export function entryReportOf(facts: DrillFacts, history: EntryHistory): EntryReport {
  const { expect, failover, failback } = history;
  const { entry, servedBy, withinMs, failbackMs } = expect;
  const findings = findingsOf(facts, history);
  const status = worst(findings.map((finding) => finding.status));
  // The findings that make the verdict come first; of a pass, all count.
  const telling = findings.filter((finding) => finding.status === status);
  const because = `${entry}: ${telling.map((finding) => finding.because).join('; ')}`;
  return { entry, servedBy, withinMs, failbackMs, failover, failback, verdict: { status, because } };
}

function findingsOf(facts: DrillFacts, history: EntryHistory): readonly Finding[] {
  const { expect } = history;
  if (facts.t0 === null) return [{ status: 'inconclusive', because: 'nothing was injected' }];
  const residency = expect.residency === null ? [] : [judgeResidency(facts, expect.entry)];
  const observed = freshOf(history.failover);
  const over = sideOf(facts, history, 'failover');
  const back = sideOf(facts, history, 'failback');
  const named = observed.length === 0 ? judgeNames(over, history.weighted) : [];
  if (observed.length === 0 && named.length === 0) {
    const none = `no vantage was served by ${facts.region} at t0, so nothing was shown`;
    return [{ status: 'inconclusive', because: none }, ...residency];
  }
  const stayed = new Set(stayedAt(facts, history, observed));
  const left = observed.filter(({ vantage }) => !stayed.has(vantage));
  const out = expect.servedBy.length === 0 ? heldOut(history, observed) : [...judgeSide(over, left), ...named];
  const kept = [...stayed].map((vantage): Finding => {
    const because = `${facts.region} served vantage ${vantage} all through: no outage, no move`;
    return { status: 'pass', because };
  });
  return [
    ...intruders(facts, history, observed),
    ...out,
    ...kept,
    ...failbackOf(facts, history, back, stayed),
    ...residency,
  ];
}

/** Vantages whose clients the region may go on serving, and that were served by it until it was restored. */
function stayedAt(facts: DrillFacts, { expect, failover, weighted }: EntryHistory, observed: readonly Passage[]) {
  if (facts.restoreCalled === null || !expect.servedBy.includes(facts.region)) return [];
  return observed
    .filter(({ vantage, main }) => {
      const moved = failover.stages[vantage]?.fresh?.['first-good'] !== undefined;
      return main === null && !moved && !weighted.includes(vantage);
    })
    .map(({ vantage }) => vantage);
}

function freshOf(timeline: EntryTimeline): readonly Passage[] {
  return timeline.passages.filter((passage) => passage.client === 'fresh' && passage.observed);
}

function failbackOf(
  facts: DrillFacts,
  history: EntryHistory,
  side: SideFacts,
  stayed: ReadonlySet<string>,
): readonly Finding[] {
  if (facts.restoreCalled === null) return [{ status: 'inconclusive', because: 'restore was not called yet' }];
  const weighted = new Set(history.weighted);
  const observed = freshOf(history.failback).filter(({ vantage }) => !stayed.has(vantage));
  // A weighted name leads back by chance, and when is no merit of the design: name servers tell when it could.
  const named = judgeNames(side, history.weighted);
  const asked = named.length > 0 ? observed.filter(({ vantage }) => !weighted.has(vantage)) : observed;
  return [...judgeSide(side, asked), ...named];
}

/** Nobody may take over: from the outage's begin to the call of restore nobody did, and failback ended it. */
function heldOut(history: EntryHistory, observed: readonly Passage[]): readonly Finding[] {
  return observed.map((passage): Finding => {
    const { vantage, main } = passage;
    if (main === null) return { status: 'inconclusive', because: `no outage was seen at ${vantage}` };
    const whole = history.failback.passages.find((back) => back.vantage === vantage && back.client === 'fresh')?.main;
    const price = `the outage at ${vantage} was ${shownOutage(whole ?? main)}`;
    return { status: 'pass', because: `nobody took over, as the rule wants; ${price}` };
  });
}

/** Somebody who is not allowed to served the region's clients. */
function intruders(facts: DrillFacts, history: EntryHistory, observed: readonly Passage[]): readonly Finding[] {
  const { expect } = history;
  const allowed = new Set([...expect.servedBy, facts.region]);
  return observed.flatMap((passage): readonly Finding[] => {
    const others = passage.servedBy.filter((region) => !allowed.has(region));
    if (others.length === 0) return [];
    const wanted = expect.servedBy.length === 0 ? 'nobody' : expect.servedBy.join(' or ');
    return [{ status: 'fail', because: `${others.join(', ')} served clients at ${passage.vantage}, want ${wanted}` }];
  });
}

function sideOf(facts: DrillFacts, history: EntryHistory, what: SideFacts['what']): SideFacts {
  const { expect, reach, ttlMs, weighted } = history;
  const over = what === 'failover';
  const timeline = history[what];
  return {
    what,
    timeline,
    weighted,
    limitMs: over ? expect.withinMs : expect.failbackMs,
    burstEveryMs: facts.burstEveryMs,
    reachMs: (vantage) => reach[vantage]?.[over ? 'failoverMs' : 'failbackMs'] ?? 0,
    byNames(vantage) {
      const flip = timeline.stages[vantage]?.fresh?.authority;
      return flip === undefined ? undefined : shifted(flip, { lowerMs: 0, upperMs: ttlMs });
    },
  };
}
