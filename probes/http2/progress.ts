/** How far an answer is. */
export type Progress =
  | 'more'
  /** There is, or need be, no more of it. */
  | 'done'
  /** One sentence. */
  | { readonly mistake: string };

export function mistake(words: string): Progress {
  return { mistake: `answer: ${words}` };
}

export function unsound(what: string): Progress {
  return mistake(`got no sound HTTP/2 (${what}), want a response`);
}
