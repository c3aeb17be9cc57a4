import { afterEach, describe, expect, test } from 'vitest';
import { instantClock } from '../fakes/instant-clock.ts';
import { ask, type Reply, type Site, type Standing, site } from './site.ts';

let open: Site | undefined;
afterEach(() => open?.close());

type Changed = Parameters<Site['region']>[1];
async function regions(changed: Changed = {}): Promise<{ readonly us: Standing; readonly eu: Standing }> {
  open = await site(113, instantClock());
  return { us: await open.region('us-east-1', changed), eu: await open.region('eu-west-1', changed) };
}

function write(region: Standing, country?: string, body = '{"note":"hello"}'): Promise<Reply> {
  const headers = country === undefined ? {} : { 'x-user-country': country };
  return ask(`${region.url}/v1/records`, { method: 'POST', headers, body });
}
async function inventory(region: Standing): Promise<readonly Record<string, string>[]> {
  return JSON.parse((await ask(`${region.url}/inventory`)).body).records;
}
async function violations(region: Standing): Promise<readonly Record<string, unknown>[]> {
  const { body } = await ask(`${region.url}/residency-log`);
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('routes', () => {
  test.each([
    ['GET', '/', 200],
    ['GET', '/v1/ping', 200],
    ['HEAD', '/v1/ping', 200],
    ['GET', '/health', 200],
    ['POST', '/v1/ping', 405],
    ['GET', '/v1/records', 405],
    ['GET', '/nowhere', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const { us } = await regions();
    const reply = await ask(`${us.url}${path}`, { method });
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({
      'x-region': 'us-east-1',
      'x-request-id': expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('every answer has a request id of its own', async () => {
    const { us } = await regions();
    const [a, b] = [await ask(us.url), await ask(us.url)];
    expect(a.headers['x-request-id']).not.toBe(b.headers['x-request-id']);
  });

  test('a planted status is answered on its path alone', async () => {
    const { us, eu } = await regions({
      plants: [{ kind: 'path-status', region: 'us-east-1', path: '/', status: 500 }],
    });
    expect((await ask(us.url)).status).toBe(500);
    expect((await ask(`${us.url}/v1/ping`)).status).toBe(200);
    expect((await ask(eu.url)).status).toBe(200);
  });

  test('a status may be planted on a path of the platform too', async () => {
    const { us } = await regions({
      plants: [{ kind: 'path-status', region: 'us-east-1', path: '/metrics', status: 404 }],
    });
    expect((await ask(`${us.url}/metrics`)).status).toBe(404);
    expect((await ask(`${us.url}/inventory`)).status).toBe(200);
  });

  test.each([
    ['not JSON', '{', 400],
    ['too much', JSON.stringify('x'.repeat(70_000)), 413],
    ['nothing', '', 201],
  ])('a body of %s', async (_what, body, status) => {
    const { us } = await regions();
    expect((await write(us, 'US', body)).status).toBe(status);
    expect(await inventory(us)).toHaveLength(status === 201 ? 1 : 0);
  });
});

describe('residency', () => {
  test.each([
    ['DE', 451, 201],
    ['de', 451, 201],
    ['GB', 451, 201],
    ['US', 201, 201],
    ['CA', 201, 201],
    ['BR', 201, 201],
    [undefined, 201, 201],
  ])('a user of %s is answered %i in the US and %i in the EU', async (country, inUs, inEu) => {
    const { us, eu } = await regions();
    expect((await write(us, country)).status).toBe(inUs);
    expect((await write(eu, country)).status).toBe(inEu);
    expect(await inventory(us)).toHaveLength(inUs === 201 ? 1 : 0);
    expect(await inventory(eu)).toHaveLength(1);
    expect(await violations(us)).toHaveLength(inUs === 451 ? 1 : 0);
  });

  test('what is stored says where, for whom, and by which request', async () => {
    const { eu } = await regions();
    const reply = await write(eu, 'DE');
    expect(reply.headers).toMatchObject({ 'x-region': 'eu-west-1', 'x-stored-in': 'eu-west-1' });
    const requestId = reply.headers['x-request-id'];
    const { id } = JSON.parse(reply.body);
    expect(await inventory(eu)).toEqual([{ id, country: 'DE', region: 'eu-west-1', requestId }]);
  });

  test('a refusal stores nothing, names no storage, and is one line in the log', async () => {
    const { us } = await regions();
    const reply = await write(us, 'DE');
    expect(reply.headers['x-stored-in']).toBeUndefined();
    expect(await violations(us)).toEqual([
      {
        event: 'data_residency_violation',
        requestId: reply.headers['x-request-id'],
        country: 'DE',
        region: 'us-east-1',
        atMs: expect.any(Number),
      },
    ]);
  });

  test('reading is refused as writing is; health is not', async () => {
    const { us } = await regions();
    const headers = { 'x-user-country': 'FR' };
    expect((await ask(`${us.url}/v1/ping`, { headers })).status).toBe(451);
    expect((await ask(us.url, { headers })).status).toBe(451);
    expect((await ask(`${us.url}/health`, { headers })).status).toBe(200);
    expect(await violations(us)).toHaveLength(2);
  });

  test('a silent log refuses all the same', async () => {
    const { us } = await regions({ plants: [{ kind: 'log-silent', region: 'us-east-1' }] });
    expect((await write(us, 'DE')).status).toBe(451);
    expect(await violations(us)).toEqual([]);
  });
});

describe('what the inventory finds though the service says otherwise', () => {
  test('records that are copied elsewhere behind the guard, while every header is in order', async () => {
    const plants = [{ kind: 'leak', country: 'DE', from: 'eu-west-1', to: 'us-east-1' } as const];
    const { us, eu } = await regions({ plants });
    const replies = [await write(eu, 'DE'), await write(eu, 'FR'), await write(eu, 'DE')];
    expect(replies.map(({ headers }) => headers['x-stored-in'])).toEqual(['eu-west-1', 'eu-west-1', 'eu-west-1']);
    expect(await violations(us)).toEqual([]);
    expect(await inventory(eu)).toHaveLength(3);
    expect((await inventory(us)).map(({ country, region }) => [country, region])).toEqual([
      ['DE', 'us-east-1'],
      ['DE', 'us-east-1'],
    ]);
  });

  test('records that a guard with a corrupted map let in', async () => {
    const { us } = await regions({ plants: [{ kind: 'guard-map', region: 'us-east-1', jurisdiction: 'EU' }] });
    expect((await write(us, 'DE')).status).toBe(201);
    expect(await violations(us)).toEqual([]);
    expect(await inventory(us)).toMatchObject([{ country: 'DE', region: 'us-east-1' }]);
  });

  test('records that came in while the guard was off, because their region was dark', async () => {
    const dark = new Set<string>();
    const plants = [{ kind: 'guard-off', region: 'us-east-1', whileDark: 'eu-west-1' } as const];
    const { us } = await regions({ plants, darkForMs: (region) => (dark.has(region) ? 1 : 0) });
    const statuses = [(await write(us, 'DE')).status];
    dark.add('eu-west-1');
    statuses.push((await write(us, 'DE')).status);
    dark.clear();
    statuses.push((await write(us, 'DE')).status);
    expect(statuses).toEqual([451, 201, 451]);
    expect(await inventory(us)).toHaveLength(1);
  });
});
