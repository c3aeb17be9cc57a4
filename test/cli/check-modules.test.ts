/** `agent --modules F --check`: a blackbox.yml is good, or each of its mistakes is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { command, linesOf } from '../fakes/command-line.ts';

const dir = mkdtempSync(join(tmpdir(), 'blackstart-check-modules-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function written(name: string, text: string | Buffer): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

function check(file: string) {
  return command(['agent', '--modules', file, '--check']);
}

test('a good file exits 0 with one line', async () => {
  const file = written('good.yml', 'modules:\n  web: {prober: http}\n  mail: {prober: tcp}\n');
  expect(await check(file)).toEqual({ code: 0, stdout: `${file} is good: 2 modules\n`, stderr: '' });
});

test('a bad file exits 2 with a sentence for each mistake, its file, line and key', async () => {
  const file = written('bad.yml', 'modules:\n  web:\n    timeout: 5\n    http:\n      metod: GET\n');
  const said = await check(file);
  expect(said).toMatchObject({ code: 2, stdout: '' });
  const [first, second, ...others] = linesOf(said.stderr);
  expect(first).toMatch(`${file}:3 modules.web.timeout: got "5", want a duration`);
  expect(second).toMatch(`${file}:5 modules.web.http.metod: got a key that there is not, want one of method`);
  expect(others.filter((line) => line.includes(file))).toEqual([]);
});

test('what is no YAML exits 2 with its line', async () => {
  const file = written('broken.yml', 'modules:\n  web: {prober: [http\n');
  expect((await check(file)).stderr).toMatch(new RegExp(`^(?:error: )?${file}:\\d+: got `));
});

test('bytes that are no text exit 2', async () => {
  expect(await check(written('bytes.yml', Buffer.from([0x6d, 0xff, 0xfe])))).toMatchObject({ code: 2, stdout: '' });
});

test('a file that is not there, and none at all, exit 2', async () => {
  const said = await check(join(dir, 'absent.yml'));
  expect(said.code).toBe(2);
  expect(said.stderr).toContain('want a readable file (ENOENT)');
  expect(await command(['agent', '--check'])).toMatchObject({ code: 2, stdout: '' });
});
