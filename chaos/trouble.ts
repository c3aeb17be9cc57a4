/** What the world can refuse a drill with. The sentence is for people; the kind decides what to do. */
export type TroubleKind =
  /** A kubeconfig, a context, a token: what the user gave is wrong. */
  | 'wrong-input'
  /** There is no such object. */
  | 'missing'
  /** Known, and not permitted. */
  | 'forbidden'
  /** No connection, or no answer in time. Whether a write took effect is then unknown. */
  | 'unreachable'
  /** Somebody else has changed or taken what the drill works on. */
  | 'taken'
  /** The other side answered, and will not. */
  | 'rejected';

/** Trouble outside: expected, and reported in one sentence. Not a bug of ours. */
export class Trouble extends Error {
  readonly kind: TroubleKind;
  constructor(kind: TroubleKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Trouble';
    this.kind = kind;
  }
}

const exits: { readonly [K in TroubleKind]: 2 | 3 | 4 } = {
  'wrong-input': 2,
  missing: 2,
  forbidden: 4,
  unreachable: 3,
  taken: 4,
  rejected: 3,
};

/** The exit code for a trouble that kept a drill from beginning. */
export function exitOfTrouble(trouble: Trouble): 2 | 3 | 4 {
  return exits[trouble.kind];
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
