/** The types of a user's script, where TypeScript is there to look at them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { checkTypes } from '../../../cli/load/types.ts';
import { Mistakes } from '../../../contract/mistake.ts';
import { root } from '../../fakes/program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'blackstart-types-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'load'));
  mkdirSync(join(dir, 'own'));
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
});

function checked(name: string, text: string): Promise<string | null> {
  const file = join(dir, 'load', name);
  writeFileSync(file, text);
  return checkTypes(file, join(dir, 'own'), new AbortController().signal);
}

const script = `import http from 'k6/http';
import type { Options } from 'k6/options';
export const options: Options = { vus: 1 };
export default function (): void {
  http.get(\`\${__ENV['TARGET']}/cart\`, { tags: { users: 'cart' } });
}
`;

test('that hold are nothing to tell', async () => {
  expect(await checked('cart.ts', script)).toBeNull();
});

test('that do not hold are mistakes, each with its line', async () => {
  const wrong = script.replace('vus: 1', "vus: 'one'").replace('http.get(', 'http.fetch(');
  const error: unknown = await checked('cart.ts', wrong).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Mistakes);
  const told = error instanceof Mistakes ? error.mistakes.map(({ got }) => got) : [];
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/cart\.ts\(3,\d+\): error TS2322: /);
  expect(told[1]).toMatch(/cart\.ts\(5,\d+\): error TS2339: /);
});

test('of a script in JavaScript are said not to be checked', async () => {
  expect(await checked('cart.js', 'export default function () {}\n')).toMatch(/not checked: it is no TypeScript$/);
});
