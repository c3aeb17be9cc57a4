import { setFlagsFromString } from 'node:v8';

let enabled = false;

/**
 * An anchored expression that takes time linear in its input, whatever it is: V8's own linear engine, so that no
 * scraper can hold up the aggregator. A text says what is wrong with it.
 */
export function linearExpression(pattern: string): RegExp | string {
  if (!enabled) setFlagsFromString('--enable-experimental-regexp-engine');
  enabled = true;
  try {
    return new RegExp(`^(?:${pattern})$`, 'ls');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `error parsing regexp: ${message.replace(/^Invalid regular expression: /, '')}`;
  }
}
