/** What a regular expression means, once it is read. */
export type Assertion = 'begin' | 'end' | 'line-begin' | 'line-end' | 'word' | 'not-word';
/** Whether a code point is one of these. */
export type Holds = (code: number) => boolean;
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'char'; readonly holds: Holds }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly min: number; readonly max: number | null };

/** What is wrong, in the words of Go's `regexp`. */
export class ExpressionError extends Error {
  constructor(what: string, where?: string) {
    super(`error parsing regexp: ${what}${where === undefined ? '' : `: \`${where}\``}`);
    this.name = 'ExpressionError';
  }
}

export type Flags = {
  /** `i`: case does not matter. */
  readonly fold: boolean;
  /** `m`: `^` and `$` also at line feeds. */
  readonly lines: boolean;
  /** `s`: the dot is also a line feed. */
  readonly dotAll: boolean;
};

/** One character: with `fold` also in its other case. */
export function charNode(holds: Holds, { fold }: Flags): Node {
  if (!fold) return { kind: 'char', holds };
  return {
    kind: 'char',
    holds: (code) => {
      if (holds(code)) return true;
      const text = String.fromCodePoint(code);
      const upper = text.toUpperCase();
      return [text.toLowerCase(), upper, upper.toLowerCase()].some((other) => {
        const otherCode = other.codePointAt(0) ?? 0;
        return other.length === String.fromCodePoint(otherCode).length && holds(otherCode);
      });
    },
  };
}

export function literal(code: number, flags: Flags): Node {
  if (!flags.fold) return charNode((other) => other === code, flags);
  const text = String.fromCodePoint(code);
  const codes = [text, text.toLowerCase(), text.toUpperCase()].map((one) => one.codePointAt(0));
  return charNode((other) => codes.includes(other), flags);
}
