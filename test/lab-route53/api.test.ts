import { GetHostedZoneCommand } from '@aws-sdk/client-route-53';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { childOf, element, parseXml, textAt, writeXml } from '../../lab/route53/xml.ts';
import { fakeClock } from '../fakes/clock.ts';
import { startApi } from './lab.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
async function start(...options: Parameters<typeof startApi>) {
  const lab = await startApi(...options);
  closing.push(lab.close);
  return lab;
}
const authorization = 'AWS4-HMAC-SHA256 Credential=lab/x, SignedHeaders=host, Signature=00';

describe('the API', () => {
  test('five requests a second pass, the sixth is throttled, and a fifth of a second later one more passes', async () => {
    const clock = fakeClock();
    const { client } = await start({ clock, quota: { perSecond: 5, burst: 5 } });
    const read = () => client.send(new GetHostedZoneCommand({ Id: 'Z1' }));
    for (let request = 0; request < 5; request += 1) await read();
    await expect(read()).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    await clock.advance(200);
    await read();
    await expect(read()).rejects.toMatchObject({ name: 'Throttling' });
  });

  test('an unknown zone is named in the error', async () => {
    const { client } = await start();
    await expect(client.send(new GetHostedZoneCommand({ Id: 'ZNOPE' }))).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: ZNOPE',
    });
  });

  test.each([
    ['no signature', '/2013-04-01/hostedzone', {}, '', 403, 'MissingAuthenticationToken'],
    ['another signature', '/2013-04-01/hostedzone', { authorization: 'Basic x' }, '', 400, 'IncompleteSignature'],
    ['another path', '/2013-04-01/nothing', { authorization }, '', 404, 'UnknownOperationException'],
    [
      'a body that is no XML',
      '/2013-04-01/hostedzone/Z1/rrset/',
      { authorization },
      '<a><b></a>',
      400,
      'MalformedInput',
    ],
    [
      'a body with a document type',
      '/2013-04-01/hostedzone/Z1/rrset',
      { authorization },
      '<!DOCTYPE a><a/>',
      400,
      'MalformedInput',
    ],
    ['another body', '/2013-04-01/hostedzone/Z1/rrset', { authorization }, '<a/>', 400, 'InvalidInput'],
    ['a path that is not encoded', '/2013-04-01/hostedzone/%zz', { authorization }, '', 400, 'InvalidInput'],
  ])('%s is refused with its code', async (_what, path, headers, body, status, code) => {
    const { api } = await start();
    const method = body === '' ? 'GET' : 'POST';
    const response = await fetch(`${api.url}${path}`, { method, headers, ...(body === '' ? {} : { body }) });
    expect(response.status).toBe(status);
    const root = parseXml(await response.text());
    expect(textAt(root, 'Error', 'Code')).toBe(code);
    expect(textAt(root, 'RequestId')).toBe(response.headers.get('x-amzn-requestid'));
  });
});

describe('XML', () => {
  test('text survives being written and read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const root = parseXml(writeXml(element('Root', [element('Value', text)])));
        expect(childOf(root, 'Value')?.text).toBe(text);
      }),
    );
  });

  test('nothing that comes in breaks the reader', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<a>', '</a>', '<a/>', '<', '>', '&amp;', '&x;', 'text', '<?x?>', '"')),
        (parts) => {
          parseXml(parts.join(''));
        },
      ),
    );
    for (const bad of [
      '',
      'text',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a>&nope;</a>',
      '<a>&#0;</a>',
      '<a>&#xfffffff;</a>',
    ]) {
      expect(parseXml(bad)).toBeUndefined();
    }
    expect(parseXml('<a>'.repeat(40) + '</a>'.repeat(40))).toBeUndefined();
  });
});
