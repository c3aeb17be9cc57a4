/** The programs as they are published, and a target for them: they start in a fifth of the time that sources take. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, root, running } from '../../fakes/program.ts';

export type Ground = {
  /** Removed by `close`, unless something failed. */
  readonly dir: string;
  readonly scenario: string;
  readonly tokenFile: string;
  launch(argv: readonly string[]): Running;
  close(failed: boolean): Promise<void>;
};

export const checkEveryMs = 100;

export async function ground(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-kills-'));
  const dist = join(dir, 'dist');
  execFileSync(process.execPath, [join(root, 'build.ts'), dist], { cwd: root });
  const target = await moodyTarget();
  const { port } = target.address() as AddressInfo;
  const scenario = join(dir, 'scenario.yaml');
  const tokenFile = join(dir, 'token');
  writeFileSync(scenario, scenarioAt(`http://127.0.0.1:${port}`));
  writeFileSync(tokenFile, 'write-token');
  const env = {
    PATH: process.env['PATH'] ?? '',
    TMPDIR: dir,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: join(dir, 'compiled'),
  };
  const alive = new Set<ChildProcess>();
  return {
    dir,
    scenario,
    tokenFile,
    launch(argv) {
      const command = [join(dist, 'main.js'), ...argv];
      const child: ChildProcess = spawn(process.execPath, command, {
        cwd: dir,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      alive.add(child);
      child.once('close', () => alive.delete(child));
      return running(child);
    },
    async close(failed) {
      for (const child of alive) child.kill('SIGKILL');
      target.closeAllConnections();
      await new Promise((resolve) => target.close(resolve));
      if (!failed) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Every fifth answer is a failure, and `/slow` takes longer than a round: so all outcomes come. */
async function moodyTarget(): Promise<Server> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.statusCode = asked % 5 === 0 ? 503 : 200;
    if (request.url !== '/slow' || asked % 2 === 0) response.end('here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function scenarioAt(url: string): string {
  return JSON.stringify({
    service: 'shop',
    entry: { api: url },
    regions: {
      'us-east-1': { jurisdiction: 'US', share: 50, endpoint: url },
      'eu-west-1': { jurisdiction: 'EU', share: 50, endpoint: url },
    },
    checks: [
      { name: 'home', kind: 'http', to: 'regions', path: '/', ...paced },
      { name: 'slow', kind: 'http', to: 'regions', path: '/slow', ...paced },
      { name: 'entry', kind: 'http', to: 'entry.api', path: '/', ...paced },
    ],
  });
}

const paced = { every: `${checkEveryMs}ms`, timeout: `${checkEveryMs}ms`, expect: { status: 200 } };
