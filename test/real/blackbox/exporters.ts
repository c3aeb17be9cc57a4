/** The real blackbox_exporter and ours, side by side over one file of modules. */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { type Running, running, start } from '../../fakes/program.ts';
import { exporterProgram } from './program.ts';

const program = exporterProgram();

/** Whether the real one is there; where it is not, that was said. */
export const isBuilt = program !== null;

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
};
export type Asking = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
export type ExporterProcess = {
  get(path: string, asking?: Asking): Promise<Answered>;
  stop(): Promise<void>;
};
export type Pair = { readonly real: ExporterProcess; readonly ours: ExporterProcess };

export async function startPair(modulesFile: string): Promise<Pair> {
  const [real, ours] = await Promise.all([startReal(modulesFile), startOurs(modulesFile)]);
  return { real, ours };
}

async function startReal(modulesFile: string): Promise<ExporterProcess> {
  const port = await freePort();
  const argv = ['--config.file', modulesFile, '--web.listen-address', `127.0.0.1:${port}`];
  const child: ChildProcess = spawn(program ?? '', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const process = running(child);
  await process.said(/TLS is disabled/);
  return exporter(process, `http://127.0.0.1:${port}`);
}

async function startOurs(modulesFile: string): Promise<ExporterProcess> {
  const process = start(['agent', '--modules', modulesFile, '--listen', '127.0.0.1:0']);
  const [, url = ''] = await process.said(/"url":"([^"]+)"/);
  return exporter(process, url);
}

function exporter(process: Running, url: string): ExporterProcess {
  return {
    get: (path, asking = {}) => ask(`${url}${path}`, asking),
    async stop() {
      process.kill('SIGTERM');
      await process.ended;
    },
  };
}

function ask(url: string, { method = 'GET', headers = {} }: Asking): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The program cannot tell which port it was given, so it is given one that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
