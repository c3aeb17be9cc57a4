import { exitOfTrouble, Trouble } from '../chaos/trouble.ts';
import { messageOf, Unreachable } from '../contract/failure.ts';
import { describeMistake, Mistakes } from '../contract/mistake.ts';
import type { Status } from '../contract/verdict.ts';

/** INTERFACES, "Exit codes". */
export const exitCodes = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  refused: 4,
  notRestored: 5,
  bug: 70,
  interrupted: 130,
} as const;

export function exitOfStatus(status: Status): number {
  const codes = { pass: exitCodes.pass, fail: exitCodes.fail, inconclusive: exitCodes.inconclusive };
  return codes[status];
}

/** Of several: the first in 5, 1, 3, 4, 0; anything else (a bug, an interruption) before them all. */
export function worstExit(codes: readonly number[]): number {
  const order: readonly number[] = [5, 1, 3, 4, 0];
  const odd = codes.find((code) => !order.includes(code));
  return odd ?? order.find((code) => codes.includes(code)) ?? exitCodes.pass;
}

/** What a thrown error means to whoever ran the command: the sentence to print and the code; `undefined` for our bugs. */
export function failureOf(error: unknown): { readonly text: string; readonly code: number } | undefined {
  if (error instanceof Mistakes) return { text: error.mistakes.map(describeMistake).join('\n'), code: exitCodes.usage };
  if (error instanceof Unreachable) return { text: messageOf(error), code: exitCodes.inconclusive };
  if (error instanceof Trouble) return { text: messageOf(error), code: exitOfTrouble(error) };
  return undefined;
}
