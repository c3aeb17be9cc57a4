/** CEL over an answer: `body` (the JSON answered), `status` and `headers` (name in lower case to value). */
import { Environment } from '@marcbachmann/cel-js';
import type { Json } from './json.ts';

export type CelFacts = {
  readonly body: Json;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
};

export type CelCondition = {
  /** Throws where the expression cannot be evaluated over these facts, such as for a key that is not there. */
  holds(facts: CelFacts): boolean;
};

const maxKept = 1_000;
const kept = new Map<string, CelCondition | { readonly mistake: string }>();
let environment: Environment | undefined;

/** Compiled and checked once. The mistake is one line. */
export function celOf(source: string): CelCondition | { readonly mistake: string } {
  let found = kept.get(source);
  if (found === undefined) {
    found = compiled(source);
    if (kept.size >= maxKept) kept.clear();
    kept.set(source, found);
  }
  return found;
}

function compiled(source: string): CelCondition | { readonly mistake: string } {
  environment ??= new Environment()
    .registerVariable('body', 'dyn')
    .registerVariable('status', 'int')
    .registerVariable('headers', 'map');
  try {
    const evaluate = environment.parse(source);
    const checked = evaluate.check();
    if (!checked.valid) return { mistake: firstLine(checked.error) };
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      return { mistake: `an expression of type ${checked.type}` };
    }
    return {
      holds({ body, status, headers }) {
        const value: unknown = evaluate({ body, status: BigInt(status), headers });
        if (typeof value !== 'boolean') throw new Error(`got ${typeof value}, want true or false`);
        return value;
      },
    };
  } catch (error) {
    return { mistake: firstLine(error) };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
