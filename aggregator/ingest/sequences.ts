/** How far each boot of each agent is counted, and what of it is on its way to the disk. */

import { type Columns, columnsOf, type Gap, type ResultsFrame } from '../../contract/wire.ts';
import { type ClockOffset, middleMs } from '../clock-offset.ts';
import type { SequenceRow } from '../store/rows.ts';
import { offer, startingAt, type Taken, type Watermark } from '../watermark.ts';

type Body =
  | { readonly kind: 'results'; readonly columns: Columns; readonly text: string }
  | { readonly kind: 'gap'; readonly reason: Gap['reason'] };

export type Sequence = {
  readonly agent: string;
  readonly boot: string;
  readonly vantage: string;
  /** On disk. */
  committed: number;
  /** `through`: handed to the committer. */
  watermark: Watermark<Body>;
  /** Fixed with the first result after the clocks were compared, so that the same round always falls into the same slice. */
  alignByMs: number | null;
  clock: ClockOffset | null;
};

/** What is to be counted: in the order in which it has to be. */
export type Portion = {
  readonly sequence: Sequence;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** What was known of the agent's clock when it came. */
  readonly clock: ClockOffset | null;
  readonly readAtMs: number;
} /** The results of the columns from `skip` on. */ & (
  | { readonly kind: 'results'; readonly columns: Columns; readonly skip: number; readonly text: string }
  | { readonly kind: 'gap'; readonly reason: Gap['reason'] }
);

export type Intake = {
  readonly portions: readonly Portion[];
  readonly fate: 'taken' | 'known' | 'held' | 'full';
};

/** Frames beyond a hole that are held, per boot. */
const maxHeld = 64;
/** Text of frames beyond holes that is held, per agent. */
const maxHeldBytes = 8 * 1_048_576;
/**
 * Boots of one agent that are remembered. An agent brings along its own and what is left in its spool, which is gone
 * after one connection; so the one that is forgotten for a new one, the oldest, has had its say a thousand starts ago.
 */
const maxBootsPerAgent = 1_000;

export type Sequences = {
  /** Up to where everything of this boot is on disk. */
  committed(agent: string, boot: string): number;
  get(agent: string, boot: string): Sequence | undefined;
  take(from: Source, frame: ResultsFrame | Gap, text: string): Intake;
};
export type Source = {
  readonly agent: string;
  readonly vantage: string;
  /** The boot that is connected; others can only be older. */
  readonly boot: string;
  readonly clock: ClockOffset | null;
  readonly nowMs: number;
};

export function lastSeqOf(frame: ResultsFrame | Gap): number {
  return frame.type === 'gap' ? frame.toSeq : frame.fromSeq + columnsOf(frame).check.length - 1;
}

export function sequences(stored: readonly SequenceRow[]): Sequences {
  const agents = new Map<string, Map<string, Sequence>>();
  for (const row of stored) {
    const alignByMs = row.clock === null ? null : row.alignByMs;
    const watermark = startingAt<Body>(row.through);
    bootsOf(row.agent).set(row.boot, { ...row, alignByMs, committed: row.through, watermark });
  }

  function bootsOf(agent: string): Map<string, Sequence> {
    const boots = agents.get(agent) ?? new Map<string, Sequence>();
    agents.set(agent, boots);
    return boots;
  }

  function sequenceOf(from: Source, boot: string): Sequence {
    const boots = bootsOf(from.agent);
    const known = boots.get(boot);
    if (known !== undefined) return known;
    // Boots begin with the time of their start, and are in the order in which they came or were stored, by name.
    for (const oldest of boots.keys()) {
      if (boots.size < maxBootsPerAgent) break;
      if (oldest !== from.boot) boots.delete(oldest);
    }
    const { agent, vantage } = from;
    const sequence = {
      agent,
      boot,
      vantage,
      committed: 0,
      watermark: startingAt<Body>(0),
      alignByMs: null,
      clock: null,
    };
    boots.set(boot, sequence);
    return sequence;
  }

  return {
    committed: (agent, boot) => agents.get(agent)?.get(boot)?.committed ?? 0,
    get: (agent, boot) => agents.get(agent)?.get(boot),
    take(from, frame, text) {
      const sequence = sequenceOf(from, frame.boot);
      if (frame.boot === from.boot && from.clock !== null) sequence.clock = from.clock;
      const toSeq = lastSeqOf(frame);
      const body: Body =
        frame.type === 'gap'
          ? { kind: 'gap', reason: frame.reason }
          : { kind: 'results', columns: columnsOf(frame), text };
      const isBeyond = frame.fromSeq > sequence.watermark.through + 1;
      const isFull = isBeyond && heldBytes(bootsOf(from.agent).values()) + text.length > maxHeldBytes;
      const most = isFull ? 0 : maxHeld;
      const { state, taken, fate } = offer(sequence.watermark, { fromSeq: frame.fromSeq, toSeq, body }, most);
      sequence.watermark = state;
      const clock = sequence.clock ?? from.clock;
      if (taken.length > 0 && clock !== null) sequence.alignByMs ??= middleMs(clock.bounds);
      return { portions: taken.map((span) => portionOf(sequence, span, from.nowMs)), fate };
    },
  };
}

function heldBytes(boots: Iterable<Sequence>): number {
  let bytes = 0;
  for (const { watermark } of boots) {
    for (const { body } of watermark.held) bytes += body.kind === 'results' ? body.text.length : 0;
  }
  return bytes;
}

function portionOf(sequence: Sequence, span: Taken<Body>, readAtMs: number): Portion {
  const { body, skip, toSeq } = span;
  const common = { sequence, clock: sequence.clock, readAtMs, fromSeq: span.fromSeq + skip, toSeq };
  if (body.kind === 'gap') return { ...common, ...body };
  return { ...common, ...body, skip };
}
