/** The order in which Go's YAML package writes keys: letters by their code, numbers within by their value. */

const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

export function keyOrder(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let afterDigit = false;
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const one = left[index] ?? '';
    const other = right[index] ?? '';
    if (one === other) {
      afterDigit = digit.test(one);
      continue;
    }
    const isLetter = letter.test(one);
    const otherIsLetter = letter.test(other);
    if (isLetter && otherIsLetter) return code(one) - code(other);
    if (isLetter || otherIsLetter) return (afterDigit ? isLetter : otherIsLetter) ? -1 : 1;
    return numbers(left, right, index);
  }
  return left.length - right.length;
}

function numbers(left: readonly string[], right: readonly string[], index: number): number {
  const lead = leading(left, right, index);
  const one = run(left, index, lead);
  const other = run(right, index, lead);
  if (one.value !== other.value) return one.value < other.value ? -1 : 1;
  if (one.end !== other.end) return one.end - other.end;
  return code(left[index] ?? '') - code(right[index] ?? '');
}

/** 1 where a digit other than 0 stands before these, so that a 0 here is not a leading one. */
function leading(left: readonly string[], right: readonly string[], index: number): bigint {
  if (left[index] !== '0' && right[index] !== '0') return 0n;
  for (let before = index - 1; before >= 0 && digit.test(left[before] ?? ''); before -= 1) {
    if (left[before] !== '0') return 1n;
  }
  return 0n;
}

/** As 64 bits that overflow silently, for very long numbers. */
function run(characters: readonly string[], from: number, lead: bigint): { value: bigint; end: number } {
  let value = lead;
  let end = from;
  for (; end < characters.length && digit.test(characters[end] ?? ''); end += 1) {
    value = BigInt.asIntN(64, value * 10n + BigInt(code(characters[end] ?? '') - 48));
  }
  return { value, end };
}

function code(character: string): number {
  return character.codePointAt(0) ?? 0;
}
