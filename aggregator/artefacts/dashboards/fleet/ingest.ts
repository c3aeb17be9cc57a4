/** How the aggregator itself does: what it counts, how long that takes, and what it refused. */
import { Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import { colours, meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { lines, type Placed, states } from '../panels.ts';
import { highest, rate, select, total } from '../promql.ts';

const size = { width: 8, height: 7, min: 0 };
/** Counters that begin with their first event: their rise from nothing would not be seen in a rate. */
const since = 'Counted since the aggregator started.';

export function ingestRow(): Row {
  return { title: 'Aggregator: what comes in', panels: [...work(), ...oddities()] };
}

function work(): readonly Placed[] {
  return [
    lines({
      title: 'Results committed',
      description: 'Results per second that are on disk and counted.',
      queries: [{ expr: `sum(${rate(select(catalogue.committed))})`, legend: 'results' }],
      ...{ ...size, unit: 'cps' },
    }),
    lines({
      title: 'Time to commit',
      description: 'From the oldest result of a transaction being read to all of it being on disk, on average.',
      queries: [
        {
          expr: `sum(${rate(select(catalogue.commitSeconds, {}, '_sum'))}) / sum(${rate(select(catalogue.commitSeconds, {}, '_count'))})`,
          legend: 'mean',
        },
      ],
      ...{ ...size, unit: Seconds },
    }),
    lines({
      title: 'Transactions',
      description: 'By how they ended. Failed ones are tried again; while they fail nothing is acknowledged.',
      queries: [{ expr: total(['result'], rate(select(catalogue.commits))), legend: '{{result}}' }],
      colours: { done: colours.blue, failed: colours.vermillion },
      ...{ ...size, unit: 'cps' },
    }),
    lines({
      title: 'Frames from agents',
      description: 'Frames per second that were read from agents, by type.',
      queries: [{ expr: total(['type'], rate(select(catalogue.linkFrames))), legend: '{{type}}' }],
      ...{ ...size, unit: 'cps' },
    }),
    states({
      title: 'Results that cannot be stored',
      description: 'A disk that is full or fails: nothing is acknowledged meanwhile, and agents keep what they have.',
      queries: [{ expr: `max(${select(catalogue.storeFailing)})`, legend: 'disk' }],
      states: [
        { value: 0, word: 'stored', colour: meaning.good },
        { value: 1, word: 'refused', colour: meaning.bad },
      ],
      ...{ width: 8, height: 7, unit: Short },
    }),
  ];
}

function oddities(): readonly Placed[] {
  return [
    lines({
      title: 'Agent connections refused',
      description: `By close code: 4400 garbled, 4401 not allowed, 4409 a second agent of that name, 4426 its version, 1009 too large, 1013 overloaded. ${since}`,
      queries: [{ expr: highest(['code'], select(catalogue.linkRefused)), legend: '{{code}}' }],
      ...{ ...size, unit: Short },
    }),
    lines({
      title: 'Results sent again',
      description: `Had been counted before, and were acknowledged and ignored: an agent’s link broke before it heard of it. ${since}`,
      queries: [{ expr: `sum(${select(catalogue.linkRepeated)})`, legend: 'results' }],
      ...{ ...size, unit: Short },
    }),
    lines({
      title: 'Series over their limit',
      description: `Label sets that found no room, by metric; their numbers are in a series with __overflow__ for the values left out. ${since}`,
      queries: [{ expr: highest(['metric'], select(catalogue.seriesOverflow)), legend: '{{metric}}' }],
      ...{ ...size, unit: Short },
    }),
  ];
}
