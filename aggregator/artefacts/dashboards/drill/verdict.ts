/** The first row: is it over, did it hold, and is everything back? */
import { DatetimeISO, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import { drillPhases } from '../../../../contract/drill.ts';
import { colours, meaning, type State, statusStates, statusWords } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, figure, type Placed, states } from '../panels.ts';
import { chosen, coded, highest, is, select } from '../promql.ts';

export const drill = { drill: chosen('drill') };
const by = ['drill'];

const phaseColours = [
  colours.grey,
  colours.yellow,
  colours.vermillion,
  colours.orange,
  colours.purple,
  colours.sky,
  colours.blue,
] as const;
export const phaseStates: readonly State[] = drillPhases.map((word, index) => ({
  value: index + 1,
  word,
  colour: phaseColours[index] ?? colours.grey,
}));
const phase = coded(catalogue.drillPhase, drill, 'phase', drillPhases, [...by, 'name', 'region']);

export function verdictRow(): Row {
  return { title: 'Is it over, did it hold, and is everything back?', panels: [...figures(), ...phases(), ...found()] };
}

function figures(): readonly Placed[] {
  const common = { width: 4, height: 4, unit: Short };
  const t0 = select(catalogue.drillMoment, { ...drill, moment: is('t0'), bound: is('lower') });
  const worst = (of: string): string => highest(by, of);
  return [
    figure({
      ...common,
      title: 'Verdict',
      description: 'The worst of the entry names. Inconclusive while it runs; the reasons are in its report.',
      queries: [{ expr: coded(catalogue.drillStatus, drill, 'status', statusWords, by) }],
      states: statusStates,
    }),
    figure({
      ...common,
      title: 'Phase',
      description: 'Where the drill is; the timeline below says since when.',
      queries: [{ expr: phase }],
      states: phaseStates,
    }),
    figure({
      ...common,
      title: 'Restored',
      description:
        'Whether everything is as it was before, read afresh. No, when the drill is over: a person has to look.',
      queries: [{ expr: worst(select(catalogue.drillRestored, drill)) }],
      states: [
        { value: 0, word: 'not restored', colour: meaning.bad },
        { value: 1, word: 'restored', colour: meaning.good },
      ],
    }),
    figure({
      ...common,
      title: 'Injected at (t0)',
      description: 'The earliest moment that the injection can have begun.',
      queries: [{ expr: `${worst(t0)} * 1000` }],
      unit: DatetimeISO,
      otherwise: 'not yet',
    }),
    figure({
      ...common,
      title: 'Longest outage',
      description: 'Upper bound, over all entry names, vantages and kinds of client.',
      queries: [{ expr: worst(select(catalogue.drillOutage, { ...drill, bound: is('upper') })) }],
      unit: Seconds,
      otherwise: 'none closed',
    }),
    figure({
      ...common,
      title: 'Last failover (first good answer)',
      description: 'Upper bound after t0, over all vantages and kinds of client, for the drill’s first entry name.',
      queries: [
        { expr: worst(select(catalogue.drillStage, { ...drill, stage: is('first-good'), bound: is('upper') })) },
      ],
      unit: Seconds,
      otherwise: 'not yet',
    }),
  ];
}

function phases(): readonly Placed[] {
  return [
    states({
      title: 'Phases',
      description: 'From baseline to over. Whatever happens after injecting leads through restoring.',
      queries: [{ expr: phase, legend: '{{name}} ({{region}})' }],
      states: phaseStates,
      ...{ width: 24, height: 4, unit: Short },
    }),
  ];
}

function found(): readonly Placed[] {
  const items = ['part', 'item', 'state'];
  return [
    cells({
      title: 'Verdicts of the entry names',
      description: 'Each against its own limit, of failover and of failback.',
      queries: [{ expr: coded(catalogue.drillEntry, drill, 'status', statusWords, ['entry']), instant: true }],
      headings: { Value: 'verdict' },
      states: { verdict: statusStates },
      ...{ width: 8, height: 8, unit: Short },
    }),
    cells({
      title: 'Read afresh after restoring',
      description: 'What was looked at once the region was put back, and how it was found. Left: not as it was.',
      queries: [{ expr: highest(items, select(catalogue.drillVerified, drill)), instant: true }],
      without: ['Value'],
      ...{ width: 16, height: 8, unit: Short },
    }),
  ];
}
