/** The way in to the agent link: its frames, their text, and the reading of it. */

export { type Columns, columnsOf, rowOf } from './wire/columns.ts';
export { encode } from './wire/encode.ts';
export * from './wire/frames.ts';
export { parseFromAgent, parseFromAggregator } from './wire/parse.ts';
