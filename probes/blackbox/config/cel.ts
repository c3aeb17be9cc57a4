/** CEL over `body`, held to what cel-go takes: our library is more generous in some places and stricter in others. */
import { Environment } from '@marcbachmann/cel-js';

export type CelProgram = {
  /** Of the body of an answer, parsed as JSON. Throws when it cannot be evaluated over it. */
  evaluate(body: unknown): unknown;
};
export type Compiled = { readonly program: CelProgram } | { readonly fault: string };

/** Lists and mappings may hold values of several kinds, as JSON's do. */
const environment = new Environment({ homogeneousAggregateLiterals: false }).registerVariable('body', 'dyn');

export function compileCel(text: string): Compiled {
  try {
    const parsed = environment.parse(withoutLongHas(text));
    const { valid, error } = parsed.check();
    if (!valid) return { fault: reason(error) };
    const fault = faultOf(parsed.ast);
    if (fault !== null) return { fault };
    return { program: { evaluate: (body) => parsed({ body }) } };
  } catch (error) {
    return { fault: reason(error) };
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

/** What the library's checker found of a node, which its types do not tell. */
type Checked = { readonly op: string; readonly args: unknown; readonly checkedType?: { readonly name: string } };

const orders = ['<', '<=', '>', '>='];
const numbers = ['int', 'uint', 'double'];
/** Of these nothing can be selected, by name or by index. */
const simple = new Set([...numbers, 'string', 'bytes', 'bool', 'null', 'type', 'timestamp', 'duration']);

function isChecked(value: unknown): value is Checked {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** What cel-go refuses and the library's checker lets pass. */
function faultOf(node: unknown, isNegated = false): string | null {
  if (Array.isArray(node)) return node.map((inner) => faultOf(inner)).find((fault) => fault !== null) ?? null;
  if (!isChecked(node)) return null;
  const { op, args } = node;
  if (op === 'value') return tooLarge(args, isNegated);
  const [left, right] = Array.isArray(args) ? args.map(kindOf) : [];
  if ((op === '.' || op === '[]') && left !== undefined && simple.has(left))
    return `nothing can be selected of ${left}`;
  const isOrdered = left !== undefined && right !== undefined && numbers.includes(left) && numbers.includes(right);
  if (orders.includes(op) && isOrdered && left !== right) return `no such overload: ${left} ${op} ${right}`;
  return faultOf(args, op === '-_');
}

function kindOf(node: unknown): string | undefined {
  const name = isChecked(node) ? node.checkedType?.name : undefined;
  return name?.replace(/^google\.protobuf\.(\w+)$/, (_, kind: string) => kind.toLowerCase());
}

function tooLarge(value: unknown, isNegated: boolean): string | null {
  const most = isNegated ? 2n ** 63n : 2n ** 63n - 1n;
  return typeof value === 'bigint' && value > most ? `a whole number beyond 64 bits: ${value}` : null;
}

/** A text, or what stands between texts. */
const pieces = /[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g;

/**
 * The library takes `has` of names alone. Of anything else `has(e.f)` is `('f' in (e))`, which is the same of what JSON
 * is made of; the length of texts is kept, so that only these are looked at.
 */
function withoutLongHas(text: string): string {
  const blank = text.replace(pieces, (piece) => ' '.repeat(piece.length));
  const found = /\bhas\s*\(/.exec(blank);
  if (found === null) return text;
  const start = found.index + found[0].length;
  const end = closing(blank, start);
  const inside = text.slice(start, end);
  const rest = (): string => withoutLongHas(text.slice(end));
  const [, operand, field] = /^([\s\S]*)\.\s*(\w+)\s*$/.exec(inside) ?? [];
  if (operand === undefined || /^[\s\w.]*$/.test(operand))
    return text.slice(0, start) + withoutLongHas(inside) + rest();
  return `${text.slice(0, found.index)}('${field}' in (${withoutLongHas(operand)})${rest()}`;
}

/** Where the bracket closes that is open at `start`; the end of the text when it does not. */
function closing(text: string, start: number): number {
  let levels = 1;
  for (let at = start; at < text.length; at += 1) {
    if ('([{'.includes(text.charAt(at))) levels += 1;
    if (')]}'.includes(text.charAt(at))) levels -= 1;
    if (levels === 0) return at;
  }
  return text.length;
}
