/** The agents themselves: who is there, whose clock is off, and what is missing because of them. */
import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { catalogue } from '../../../../contract/catalogue.ts';
import { colours, meaning } from '../colours.ts';
import type { Row } from '../layout.ts';
import { cells, lines, type Placed, states } from '../panels.ts';
import { chosen, highest, rate, select, total } from '../promql.ts';

const wants = { vantage: chosen('vantage') };
const connection = [
  { value: 0, word: 'gone', colour: meaning.bad },
  { value: 1, word: 'connected', colour: meaning.good },
] as const;

export function agentsRow(): Row {
  return { title: 'Agents', panels: [...presence(), ...missing(), ...clocks()] };
}

function presence(): readonly Placed[] {
  const who = ['agent', 'vantage', 'region'];
  const connected = highest(who, select(catalogue.agentConnected, wants));
  const per = (entry: Parameters<typeof select>[0]): string => highest(['agent', 'vantage'], select(entry, wants));
  return [
    states({
      title: 'Agents',
      description: 'Whether each agent is connected.',
      queries: [{ expr: connected, legend: '{{agent}} at {{vantage}}' }],
      states: connection,
      ...{ width: 12, height: 7, unit: Short },
    }),
    cells({
      title: 'Agents now',
      description: 'Connection, results expected of it in the slices kept, and how its clock compares.',
      queries: [
        { expr: connected, instant: true },
        { expr: per(catalogue.agentExpected), instant: true },
        { expr: per(catalogue.agentClockOffset), instant: true },
        { expr: per(catalogue.agentClockError), instant: true },
      ],
      headings: {
        'Value #A': 'link',
        'Value #B': 'expected',
        'Value #C': 'clock offset',
        'Value #D': 'off by at most',
      },
      units: { 'clock offset': Seconds, 'off by at most': Seconds },
      states: { link: connection },
      ...{ width: 12, height: 7, unit: Short },
    }),
  ];
}

function missing(): readonly Placed[] {
  const gone = total(['vantage'], rate(select(catalogue.resultsMissing, wants)));
  const came = total(['vantage'], rate(select(catalogue.probeResults, wants)));
  return [
    lines({
      title: 'Missing results by reason',
      description:
        'Results per second that were expected and are not there. agent-gone: nobody measured; bad-sample: the vantage itself was in trouble; shed: its checks were too many; dropped: its spool was full; not-yet-assigned: it did not know the check yet.',
      queries: [{ expr: total(['reason'], rate(select(catalogue.resultsMissing, wants))), legend: '{{reason}}' }],
      stacked: 'sum',
      colours: {
        'agent-gone': colours.vermillion,
        'bad-sample': colours.orange,
        shed: colours.purple,
        dropped: colours.sky,
        'not-yet-assigned': colours.grey,
      },
      ...{ width: 12, height: 8, unit: 'cps', min: 0 },
    }),
    lines({
      title: 'Share of results missing',
      description: 'Of all that were expected of each vantage. What is missing is neither good nor bad.',
      queries: [{ expr: `${gone} / (${gone} + ${came})`, legend: '{{vantage}}' }],
      ...{ width: 12, height: 8, unit: PercentUnit, min: 0, max: 1 },
    }),
  ];
}

function clocks(): readonly Placed[] {
  return [
    lines({
      title: 'How sure the clocks are',
      description:
        'How far off the offset of each agent’s clock may be: every moment seen from there is at least so wide.',
      queries: [{ expr: highest(['agent'], select(catalogue.agentClockError, wants)), legend: '{{agent}}' }],
      ...{ width: 12, height: 7, unit: Seconds, min: 0 },
    }),
    lines({
      title: 'Clocks that contradicted themselves',
      description: 'Since the aggregator started: an agent’s clock was stepped, or its machine suspended.',
      queries: [{ expr: highest(['vantage'], select(catalogue.clockRestarts, wants)), legend: '{{vantage}}' }],
      ...{ width: 12, height: 7, unit: Short, min: 0 },
    }),
  ];
}
