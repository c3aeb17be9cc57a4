/** The language of blackbox.yml, held against the real blackbox_exporter: verdicts, `/config` and `debug=true`. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../contract/random.ts';
import { parseModules, showModule } from '../../../probes/blackbox/config/parse.ts';
import { type Running, running } from '../../fakes/program.ts';
import { files } from '../../probes/blackbox/files/all.ts';
import { slipped } from '../../probes/blackbox/mutated.ts';
import { exporterProgram } from './program.ts';

const exec = promisify(execFile);
const program = exporterProgram();
const dir = mkdtempSync(join(tmpdir(), 'blackstart-modules-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.runIf(program !== null)('beside the real one', () => {
  const served = join(dir, 'served.yml');
  let exporter: Running;
  let url: string;

  beforeAll(async () => {
    writeFileSync(served, 'modules: {}\n');
    const port = await freePort();
    const argv = ['--config.file', served, '--web.listen-address', `127.0.0.1:${port}`];
    exporter = running(spawn(program ?? '', argv, { stdio: ['ignore', 'pipe', 'pipe'] }));
    await exporter.said(/TLS is disabled/);
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    exporter.kill('SIGTERM');
    await exporter.ended;
  });

  const load = async (text: string): Promise<boolean> => {
    // A file that it has already is not read again.
    writeFileSync(served, 'modules: {}\n');
    await fetch(`${url}/-/reload`, { method: 'POST' });
    writeFileSync(served, text);
    return (await fetch(`${url}/-/reload`, { method: 'POST' })).ok;
  };
  const get = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();

  test.each(files)('--config.check: $name', async ({ name, text }) => {
    const file = join(dir, 'checked.yml');
    writeFileSync(file, text);
    const accepted = await exec(program ?? '', ['--config.check', '--config.file', file]).then(
      () => true,
      () => false,
    );
    expect(parseModules(text).ok, name).toBe(accepted);
  });

  test.each(files.filter(({ mistake }) => mistake === undefined))('/config: $name', async ({ text }) => {
    expect(await load(text)).toBe(true);
    const parsed = parseModules(text);
    expect(parsed.ok ? parsed.shown : parsed.mistake).toBe(await get('/config'));
  });

  // A TCP module whose port is closed is done at once, so its answer says little but its configuration.
  const probed = files
    .filter(({ text, mistake }) => mistake === undefined && /^modules:\n {2}a:\n {4}(?!prober|<<)\w+:/.test(text))
    .map(({ name, text }) => ({ name, text: text.replace('  a:\n', '  a:\n    prober: tcp\n') }));
  test.each(probed)('debug=true: $name', async ({ text }) => {
    expect(await load(text)).toBe(true);
    const shown = await get('/probe?module=a&target=127.0.0.1:1&debug=true');
    const parsed = parseModules(text);
    const module = parsed.ok ? parsed.modules.get('a') : undefined;
    expect(module && showModule(module)).toBe(shown.split('Module configuration:\n')[1]);
  });

  test('files with a slip in them are accepted, refused and shown alike', async () => {
    const random = seededRandom(28);
    const differing: string[] = [];
    for (let count = 0; count < 400; count += 1) {
      const text = slipped(random);
      const parsed = parseModules(text);
      const accepted = await load(text);
      const same = parsed.ok ? accepted && parsed.shown === (await get('/config')) : !accepted;
      if (!same) differing.push(text);
    }
    expect(differing).toEqual([]);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
