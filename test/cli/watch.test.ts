import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listeningUrl, workshop } from './workshop.ts';

const shop = workshop();
let server: Server;
let target: string;
let asked = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.end('well');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** The promise to a new user. */
const firstVerdictMs = 15_000;

test('watch URL says a first verdict from this vantage only, and Ctrl-C ends it with nothing left', {
  timeout: firstVerdictMs,
}, async () => {
  const watching = shop.start(['watch', target]);
  const url = await listeningUrl(watching);
  await watching.said(new RegExp(`watching ${target} from here every 1.00 s; page, metrics and API: ${url}`));
  const [line] = await watching.said(/^.*\bavailability: .*from this vantage only.*$/m);
  expect(line).toMatch(/^inconclusive availability: /);
  expect(line).toMatch(/sure after about \d/);
  expect(asked).toBeGreaterThan(0);
  expect(await (await fetch(url)).text()).toContain('<html');
  watching.kill('SIGINT');
  expect((await watching.ended).code).toBe(0);
  expect(shop.left()).toEqual([]);
});

test('watch --json prints exactly one document, with the first verdicts', { timeout: firstVerdictMs }, async () => {
  const watching = shop.start(['watch', target, '--json', '--every=200ms']);
  await watching.said(/\n}\n/);
  watching.kill('SIGTERM');
  const { code, stdout } = await watching.ended;
  expect(code).toBe(0);
  const { verdicts } = JSON.parse(stdout) as { verdicts: { id: string; because: string }[] };
  expect(verdicts.map(({ id }) => id).toSorted()).toEqual(['availability', 'latency']);
  for (const { because } of verdicts) expect(because).toContain('from this vantage only');
});

test('Ctrl-C right after the start leaves nothing either', async () => {
  for (const afterMs of [0, 60, 150, 300, 600]) {
    const watching = shop.start(['watch', target]);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    watching.kill('SIGINT');
    await watching.ended;
    expect(shop.left(), `${afterMs} ms`).toEqual([]);
  }
});
