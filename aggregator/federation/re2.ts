import { ExpressionError } from './re2/node.ts';
import { parseExpression } from './re2/parse.ts';
import { matcherOf, programOf } from './re2/program.ts';

/**
 * Whether a whole text matches, by the rules of RE2, in time linear in the text: no scraper can hold up the aggregator.
 * A text says what is wrong with the expression, in the words of Go's `regexp`.
 */
export function wholeMatch(expression: string): ((text: string) => boolean) | string {
  try {
    return matcherOf(programOf(parseExpression(expression)));
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}
