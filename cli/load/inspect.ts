/** A look at a script before anything is touched: whether k6 can read it, and what it asks for. */
import { execFile } from 'node:child_process';
import { isObject } from '../../contract/json.ts';
import { Mistakes } from '../../contract/mistake.ts';
import type { LoadPlan } from '../../scenarios/load-plan.ts';
import type { K6 } from './program.ts';

/** A script whose first lines never end is no script. */
const inspectLimitMs = 20_000;
const mostBytes = 10_000_000;

export type Inspected = {
  /** Whether it says itself for how long answers of name servers are kept. */
  readonly keepsAddresses: boolean;
};

export type Inspection = {
  readonly k6: K6;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file of options, with the plan's thresholds. */
  readonly config: string;
};

/** Throws `Mistakes` with what k6 says, or where the script has thresholds of its own that would hide the plan's. */
export async function inspectScript(given: Inspection, plan: LoadPlan, signal: AbortSignal): Promise<Inspected> {
  const options = await optionsOf(given, signal);
  const thresholds = isObject(options['thresholds']) ? options['thresholds'] : {};
  const hidden = Object.entries(plan.thresholds).some(([metric, expressions]) => {
    const judged = thresholds[metric];
    return !Array.isArray(judged) || expressions.some((expression) => !judged.some((one) => saysSo(one, expression)));
  });
  if (hidden) {
    const got = `thresholds, and the script has its own: ${Object.keys(thresholds).join(', ')}`;
    throw new Mistakes([{ place: 'load.thresholds', got, want: 'all of them in the script, or none of them there' }]);
  }
  const { dns } = options;
  return { keepsAddresses: isObject(dns) && typeof dns['ttl'] === 'string' };
}

function saysSo(one: unknown, expression: string): boolean {
  return (isObject(one) ? one['threshold'] : one) === expression;
}

async function optionsOf(given: Inspection, signal: AbortSignal): Promise<{ readonly [key: string]: unknown }> {
  const { k6, script, env, config } = given;
  const { text, trouble } = await new Promise<{ text: string; trouble: string | null }>((resolve) => {
    const argv = ['inspect', '--include-system-env-vars', '--config', config, script];
    const bounds = { timeout: inspectLimitMs, killSignal: 'SIGKILL', maxBuffer: mostBytes, signal } as const;
    execFile(k6.file, argv, { ...bounds, env: { ...env } }, (error, stdout, stderr) => {
      const slow = error?.killed === true ? `it did not end within ${inspectLimitMs / 1_000} s` : null;
      resolve({ text: stdout, trouble: error === null ? null : (slow ?? saidIn(stderr) ?? error.message) });
    });
  });
  signal.throwIfAborted();
  const options = trouble === null ? parsed(text) : undefined;
  if (isObject(options)) return options;
  throw new Mistakes([{ place: script, got: trouble ?? 'no options', want: 'a script that k6 can read' }]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The message of k6's last error. */
function saidIn(stderr: string): string | null {
  const [, message] = /level=error msg="((?:[^"\\]|\\.)*)"[^\n]*\n*$/.exec(stderr) ?? [];
  return message?.replaceAll('\\"', '"').replaceAll('\\n', ' ').replaceAll('\\t', ' ') ?? null;
}
