/** moto, where it is installed: good for the shapes of requests and answers, not for what they say. */
import { spawn, spawnSync } from 'node:child_process';
import { Route53Client } from '@aws-sdk/client-route-53';
import { bounded } from '../../lab/waiting.ts';

const program = 'moto_server';
const startLimitMs = 60_000;

/** Whether it is installed; says so where it is not. */
export function motoPresent(): boolean {
  const found = spawnSync(program, ['--help'], { stdio: 'ignore' }).status === 0;
  if (!found) process.stdout.write(`${program} is not installed: the shapes of the lab's AWS are not held beside it\n`);
  return found;
}

export async function startMoto() {
  const child = spawn(program, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const url = await bounded(
    startLimitMs,
    'moto to listen',
    new Promise<string>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        said += chunk.toString('utf8');
        const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', (code) => reject(new Error(`moto ended with ${code}: ${said}`)));
    }),
  );
  const credentials = { accessKeyId: 'lab', secretAccessKey: 'lab' };
  const client = new Route53Client({ endpoint: url, region: 'us-east-1', maxAttempts: 1, credentials });
  return {
    url,
    client,
    async stop(): Promise<void> {
      client.destroy();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
