/** `agent --modules F --check`: whether a blackbox.yml is one, and where it is not. */
import { readFileSync } from 'node:fs';
import { codeOf } from '../contract/failure.ts';
import { Mistakes } from '../contract/mistake.ts';
import { parseModules } from '../probes/blackbox/config/parse.ts';

/** One line when it is good. Throws `Mistakes`, each with file, line and key, when it is not. */
export function checkModules(file: string): string {
  const parsed = parseModules(bytesOf(file));
  if (parsed.ok) return `${file} is good: ${counted(parsed.modules.size)}`;
  const places = parsed.mistakes.map(({ line, key, ...mistake }) => ({
    place: `${file}:${line}${key === '' ? '' : ` ${key}`}`,
    ...mistake,
  }));
  throw new Mistakes(places);
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const want = `a readable file (${codeOf(error) ?? 'unreadable'})`;
    throw new Mistakes([{ place: '--modules', got: JSON.stringify(file), want }]);
  }
}

function counted(modules: number): string {
  return modules === 1 ? '1 module' : `${modules} modules`;
}
