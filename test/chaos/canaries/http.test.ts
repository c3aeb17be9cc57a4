/** One request over a real connection. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { canaryHttp } from '../../../chaos/canaries/http.ts';

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const call = { method: 'POST', url: '', headers: { 'x-user-country': 'US' }, body: '{"id":"a"}' };
const open = new AbortController().signal;

test('what is sent arrives, and the answer is told whole', async () => {
  const url = await serving((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk) => {
      body += String(chunk);
    });
    incoming.on('end', () => {
      outgoing.writeHead(201, { 'X-Region': 'here' });
      outgoing.end(`${incoming.method} ${incoming.headers['x-user-country']} ${body}`);
    });
  });
  expect(await canaryHttp([])({ ...call, url }, open)).toMatchObject({
    status: 201,
    headers: { 'x-region': 'here' },
    body: 'POST US {"id":"a"}',
  });
});

test('an answer that breaks off is none', async () => {
  const url = await serving((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-length': '100' });
    outgoing.write('half', () => outgoing.destroy());
  });
  await expect(canaryHttp([])({ ...call, url }, open)).rejects.toThrow();
});

test('is given up when asked to', async () => {
  const url = await serving(() => undefined);
  const given = new AbortController();
  const asked = canaryHttp([])({ ...call, url }, given.signal);
  given.abort(new Error('time is up'));
  await expect(asked).rejects.toThrow('time is up');
});
