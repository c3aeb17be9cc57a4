/** Colours that people with any kind of colour vision tell apart (Okabe and Ito's), and what they mean here. */
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

export const colours = {
  blue: '#0072B2',
  sky: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  orange: '#E69F00',
  vermillion: '#D55E00',
  purple: '#CC79A7',
  grey: '#999999',
} as const;

/** Never by colour alone: each state has its word too. */
export const meaning = {
  good: colours.blue,
  bad: colours.vermillion,
  unsure: colours.yellow,
  unknown: colours.grey,
} as const;

/** A value that is shown as a word. */
export type State = { readonly value: number; readonly word: string; readonly colour: string };

export const statusStates: readonly State[] = [
  { value: 1, word: 'pass', colour: meaning.good },
  { value: 2, word: 'inconclusive', colour: meaning.unsure },
  { value: 3, word: 'fail', colour: meaning.bad },
];
/** In the order of `statusStates`. */
export const statusWords = statusStates.map(({ word }) => word);

export function mappingOf(states: readonly State[]): ValueMapping {
  return {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      states.map(({ value, word, colour }, index) => [String(value), { text: word, color: colour, index }]),
    ),
  };
}

const inOrder = [
  colours.sky,
  colours.orange,
  colours.green,
  colours.purple,
  colours.blue,
  colours.yellow,
  colours.vermillion,
  colours.grey,
] as const;

/** A colour for each name, the same one on every panel; from the ninth name on they repeat. */
export function coloursOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, inOrder[index % inOrder.length] ?? colours.grey]));
}
