import { expect, test } from 'vitest';
import { addressHash, chooseAddress, type Wish } from '../../../probes/blackbox/choose.ts';
import { newProbeLog } from '../../../probes/blackbox/log.ts';
import { exposition, newProbeMetrics } from '../../../probes/blackbox/metrics.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  both: ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'],
  old: ['192.0.2.1', '192.0.2.2'],
  young: ['2001:db8::1', '2001:db8::2'],
  none: [],
};

async function chosen(host: string, wish: Partial<Wish>) {
  const metrics = newProbeMetrics();
  const log = newProbeLog('info', {}, () => 0);
  const lookup = async (name: string): Promise<readonly string[]> => {
    const found = names[name];
    if (found === undefined) throw new Error(`lookup ${name}: no such host`);
    return found;
  };
  const { address } = await chooseAddress(
    host,
    { preferredIpProtocol: '', ipProtocolFallback: true, ...wish },
    { metrics, log, lookup, ending: new AbortController().signal, nowMs: () => 0 },
  );
  const protocol = /\nprobe_ip_protocol (\d)\n/.exec(exposition(metrics.families()))?.[1];
  return { address, protocol: Number(protocol), log: log.text() };
}

test.each([
  ['both', {}, '2001:db8::1', 6],
  ['both', { preferredIpProtocol: 'ip6' }, '2001:db8::1', 6],
  ['both', { preferredIpProtocol: 'ip4' }, '192.0.2.1', 4],
  ['both', { preferredIpProtocol: 'anything else' }, '192.0.2.1', 4],
  // What it falls back to is the last address, not the first.
  ['old', {}, '192.0.2.2', 4],
  ['young', { preferredIpProtocol: 'ip4' }, '2001:db8::2', 6],
  ['old', { ipProtocolFallback: false }, null, 0],
  ['young', { preferredIpProtocol: 'ip4', ipProtocolFallback: false }, null, 0],
  ['both', { preferredIpProtocol: 'ip4', ipProtocolFallback: false }, '192.0.2.1', 4],
  ['none', {}, null, 0],
  ['nobody', {}, null, 0],
  ['', {}, null, 0],
  ['192.0.2.9', {}, '192.0.2.9', 4],
  ['192.0.2.9', { ipProtocolFallback: false }, null, 0],
  ['::1', { preferredIpProtocol: 'ip4' }, '::1', 6],
  ['fe80::1%eth0', {}, 'fe80::1%eth0', 6],
  ['::ffff:192.0.2.9', { preferredIpProtocol: 'ip4' }, '::ffff:192.0.2.9', 4],
] as const)('of %s, wished %j, %s is asked', async (host, wish, address, protocol) => {
  expect(await chosen(host, wish)).toMatchObject({ address, protocol });
});

test('the log says why there is no address', async () => {
  expect((await chosen('nobody', {})).log).toContain('err="lookup nobody: no such host"');
  expect((await chosen('old', { ipProtocolFallback: false })).log).toContain('no suitable address found');
});

test.each([
  ['127.0.0.1', 3_668_918_509],
  ['::ffff:127.0.0.1', 3_668_918_509],
  ['::1', 1_751_717_746],
  ['0:0:0:0:0:0:0:1', 1_751_717_746],
  ['fe80::1%eth0', addressHash('fe80::1')],
])('the hash of %s is that of its bytes', (address, hash) => {
  expect(addressHash(address)).toBe(hash);
});
