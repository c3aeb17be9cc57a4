/** The k6 that our script builds; `null` where it is not there, which is said in one line. */
import { existsSync } from 'node:fs';
import { builtK6 } from '../../../cli/load/program.ts';

export function k6Program(): string | null {
  const file = builtK6(process.env);
  if (existsSync(file)) return file;
  process.stdout.write(`no ${file}: what needs k6 is skipped; npm run build:k6 makes it (Go 1.25)\n`);
  return null;
}
