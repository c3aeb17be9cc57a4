import { exitOfTrouble, Trouble } from '../chaos/trouble.ts';
import { messageOf, Unreachable } from '../contract/failure.ts';
import { describeMistake, Mistakes } from '../contract/mistake.ts';
import type { Status } from '../contract/verdict.ts';
import { Interrupted } from './interrupt.ts';
import { whyUnusable } from './unusable.ts';

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

/** Only what says that it passes does: anything else, whatever it is, is not known. */
export function exitOfStatus(status: Status): number {
  if (status === 'fail') return exitCodes.fail;
  return status === 'pass' ? exitCodes.pass : exitCodes.inconclusive;
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
  // Its sentence already says what the cause was.
  if (error instanceof Trouble) return { text: error.message, code: exitOfTrouble(error) };
  if (error instanceof Interrupted) return { text: error.message, code: exitCodes.interrupted };
  const place = unusablePlace(error);
  return place === undefined ? undefined : { text: place, code: exitCodes.usage };
}

/** Folders and files that a user named, and that cannot be used. */
function unusablePlace(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const why = whyUnusable(code);
  if (why === undefined || path === undefined) return undefined;
  return `${path} cannot be used: ${why} (${syscall}: ${code})`;
}
