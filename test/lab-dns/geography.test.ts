import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientSubnetOf, readClientSubnet, subnetText, writeClientSubnet } from '../../lab/dns/client-subnet.ts';
import { geography } from '../../lab/dns/geography.ts';
import { covers, cut, formatAddress, parseNetwork } from '../../lab/dns/network.ts';
import { places } from './ask.ts';

test('a subnet, an address in it and a loopback address of its region are at the same place', () => {
  const locate = geography(places, { '127.1.0.0/16': 'new-york', '127.2': 'london' }, { london: { 'eu-west-1': 45 } });
  expect(locate('198.51.100.0/24')).toMatchObject({ country: 'US', continent: 'NA' });
  expect(locate('198.51.100.77')).toMatchObject({ country: 'US' });
  expect(locate('127.1.0.10')).toMatchObject({ country: 'US' });
  expect(locate('127.2.1.9')).toMatchObject({ country: 'GB', latencyMs: { 'eu-west-1': 45 } });
});

test('what is in no table is nowhere', () => {
  const locate = geography(places);
  for (const text of ['198.51.0.0/16', '127.9.0.1', '::1', 'nonsense', '']) expect(locate(text).country).toBeNull();
});

test('a prefix that is no network is refused at the start', () => {
  expect(() => geography(places, { '127.1.0.0/99': 'london' })).toThrow(/want a network/);
});

test('networks of both families are parsed as they are written', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, fc.nat({ max: 128 }), (address, length) => {
      const prefixLength = length % (address.length * 8 + 1);
      const network = cut({ bytes: Uint8Array.from(address), prefixLength }, prefixLength);
      expect(parseNetwork(`${formatAddress(network.bytes)}/${prefixLength}`)).toEqual(network);
      const whole = parseNetwork(formatAddress(address));
      expect(whole && covers(network, whole)).toBe(true);
    }),
  );
  expect(parseNetwork('2001:db8::/32')?.bytes.slice(0, 4)).toEqual(Uint8Array.from([0x20, 1, 0x0d, 0xb8]));
  for (const text of ['1.2.3', '1.2.3.256', '1.2.3.4/33', '::1::', 'g::', '1.2.3.4/-1']) {
    expect(parseNetwork(text)).toBeUndefined();
  }
});

test('a client subnet survives the wire', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 32 }),
      (address, prefixLength) => {
        const subnet = clientSubnetOf(cut({ bytes: Uint8Array.from(address), prefixLength }, prefixLength));
        const read = readClientSubnet(writeClientSubnet(subnet, 0));
        expect(read && subnetText(read)).toBe(subnetText(subnet));
      },
    ),
  );
});
