import { describe, expect, test } from 'vitest';
import { type Pinged, pingArguments, readPing } from '../../../probes/icmp/ping.ts';

const head = 'PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n';
const none = '\n--- 192.0.2.7 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n';

const outputs: readonly (readonly [string, string, string, number | null, Pinged])[] = [
  [
    'of iputils',
    `${head}64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=11.4 ms\n\n--- 192.0.2.7 ping statistics ---\n`,
    '',
    0,
    { said: 'answer', rttMs: 11.4, hopLimit: 57 },
  ],
  [
    'of iputils over IPv6',
    'PING 2001:db8::7 (2001:db8::7) 56 data bytes\n64 bytes from 2001:db8::7: icmp_seq=1 ttl=61 time=0.031 ms\n',
    '',
    0,
    { said: 'answer', rttMs: 0.031, hopLimit: 61 },
  ],
  [
    'of one that says hlim',
    '64 bytes from 2001:db8::7, icmp_seq=0 hlim=64 time=0.089 ms\n',
    '',
    0,
    { said: 'answer', rttMs: 0.089, hopLimit: 64 },
  ],
  [
    'of BusyBox',
    'PING 192.0.2.7 (192.0.2.7): 56 data bytes\n64 bytes from 192.0.2.7: seq=0 ttl=42 time=3.210 ms\n',
    '',
    0,
    { said: 'answer', rttMs: 3.21, hopLimit: 42 },
  ],
  [
    'without a time, for less than 16 bytes',
    `${head}16 bytes from 192.0.2.7: icmp_seq=1 ttl=57\n`,
    '',
    0,
    { said: 'answer', rttMs: null, hopLimit: 57 },
  ],
  ['of nothing', `${head}${none}`, '', 1, { said: 'nothing', words: 'ping ended with 1' }],
  [
    'of a router that cannot get there',
    `${head}From 198.51.100.1 icmp_seq=1 Destination Host Unreachable\n${none}`,
    '',
    1,
    { said: 'unreachable', words: '198.51.100.1: Destination Host Unreachable' },
  ],
  [
    'of a router where the hops end',
    `${head}From 198.51.100.1 icmp_seq=1 Time to live exceeded\n${none}`,
    '',
    1,
    { said: 'expired', words: '198.51.100.1: Time to live exceeded' },
  ],
  [
    'of a router that names the rest of an IPv6 way',
    'From 2001:db8::1: icmp_seq=1 Time exceeded: Hop limit\n',
    '',
    1,
    { said: 'expired', words: '2001:db8::1: Time exceeded: Hop limit' },
  ],
  [
    'of no route',
    '',
    'ping: connect: Network is unreachable\n',
    2,
    { said: 'unreachable', words: 'ping: connect: Network is unreachable' },
  ],
  [
    'of a packet that does not fit',
    head,
    'ping: sendmsg: Message too long\n',
    1,
    { said: 'unreachable', words: 'ping: sendmsg: Message too long' },
  ],
  [
    'of missing rights',
    '',
    'ping: socket: Operation not permitted\nping: => missing cap_net_raw+p capability or setuid?\n',
    2,
    { said: 'trouble', words: 'ping: socket: Operation not permitted' },
  ],
  [
    'of one that does not know the arguments',
    '',
    'ping: unrecognized option: n\nBusyBox v1.37.0 () multi-call binary.\n',
    1,
    { said: 'trouble', words: 'ping: unrecognized option: n' },
  ],
  ['of one that somebody ended', head, '', null, { said: 'trouble', words: 'ping was ended by somebody' }],
];

describe('what ping writes', () => {
  for (const [whose, stdout, stderr, code, want] of outputs) {
    test(`is read: ${whose}`, () => {
      expect(readPing(stdout, stderr, code)).toEqual(want);
    });
  }
});

describe('what ping is asked', () => {
  const terms = { address: '2001:db8::7', payloadBytes: 56, ttl: 12, dontFragment: false };
  test('of iputils, with names left alone', () => {
    expect(pingArguments({ ...terms, dontFragment: true, sourceAddress: '2001:db8::1' }, 'iputils').join(' ')).toBe(
      '-n -c 1 -W 2000 -s 56 -t 12 -M do -I 2001:db8::1 2001:db8::7',
    );
  });
  test('of others, with what all know', () => {
    expect(pingArguments(terms, 'plain').join(' ')).toBe('-c 1 -W 2000 -s 56 -t 12 2001:db8::7');
  });
});
