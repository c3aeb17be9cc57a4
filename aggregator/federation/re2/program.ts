/** Tries all ways through an expression at once: time grows with the text, never with the ways. */
import { isWord } from './characters.ts';
import { type Assertion, ExpressionError, type Holds, type Node } from './node.ts';

type Step =
  | { readonly kind: 'char'; readonly holds: Holds; readonly next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'split'; readonly next: number; readonly other: number }
  | { readonly kind: 'match' };

/** More would hold up everybody: each step may be taken for each character. */
const maxSteps = 20_000;

/** Throws `ExpressionError` where it would be too large. */
export function programOf(node: Node): readonly Step[] {
  const steps: Step[] = [{ kind: 'match' }];

  function add(step: Step): number {
    if (steps.length >= maxSteps) throw new ExpressionError('expression too large');
    steps.push(step);
    return steps.length - 1;
  }

  /** The place of the node's first step, when `next` is what follows it. */
  function emit(of: Node, next: number): number {
    switch (of.kind) {
      case 'empty':
        return next;
      case 'char':
      case 'assert':
        return add({ ...of, next });
      case 'all':
        return of.parts.reduceRight((after, part) => emit(part, after), next);
      case 'any':
        return of.parts.map((part) => emit(part, next)).reduceRight((other, first) => add(split(first, other)));
      case 'repeat':
        return repeat(of, next);
    }
  }

  function repeat({ of, min, max }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let at = next;
    if (max === null) {
      const loop = add(split(next, next));
      steps[loop] = split(emit(of, loop), next);
      at = loop;
    } else {
      for (let time = min; time < max; time += 1) at = add(split(emit(of, at), next));
    }
    for (let time = 0; time < min; time += 1) at = emit(of, at);
    return at;
  }

  const start = emit(node, 0);
  return [...steps, split(start, start)];
}

function split(next: number, other: number): Step {
  return { kind: 'split', next, other };
}

/** Whether the whole of a text is matched. */
export function matcherOf(program: readonly Step[]): (text: string) => boolean {
  const seen = new Uint32Array(program.length);
  let generation = 0;

  /** All steps that read a character, or end, reachable without reading one. */
  function closure(from: readonly number[], before: number, after: number): readonly Step[] {
    generation += 1;
    const reached: Step[] = [];
    const waiting = [...from];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen[at] === generation) continue;
      seen[at] = generation;
      const step = program[at];
      if (step === undefined) continue;
      if (step.kind === 'split') waiting.push(step.other, step.next);
      else if (step.kind !== 'assert') reached.push(step);
      else if (isThere(step.what, before, after)) waiting.push(step.next);
    }
    return reached;
  }

  return (text) => {
    let at: readonly number[] = [program.length - 1];
    let before = none;
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      const next: number[] = [];
      for (const step of closure(at, before, code)) {
        if (step.kind === 'char' && step.holds(code)) next.push(step.next);
      }
      if (next.length === 0) return false;
      at = next;
      before = code;
    }
    return closure(at, before, none).some(({ kind }) => kind === 'match');
  };
}

/** No character: before the first, and after the last. */
const none = -1;

function isThere(what: Assertion, before: number, after: number): boolean {
  switch (what) {
    case 'begin':
      return before === none;
    case 'end':
      return after === none;
    case 'line-begin':
      return before === none || before === 10;
    case 'line-end':
      return after === none || after === 10;
    case 'word':
      return isWord(before) !== isWord(after);
    case 'not-word':
      return isWord(before) === isWord(after);
  }
}
