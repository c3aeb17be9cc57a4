/** What can be wrong at a door while pods behind it are well. */
export type Trouble =
  | { readonly how: 'latency'; readonly addMs: number }
  /** `black-hole`: connects hang, and requests on open connections too; `reset`: connects are taken, and reset at the first byte. */
  | { readonly how: 'refuse' | 'black-hole' | 'reset' };
