/** `/probe` of ours against the real blackbox_exporter's: the same module, the same target, the same series. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dnsCases, dnsServers } from './cases/dns.ts';
import { grpcCases, grpcServers, icmpCases } from './cases/grpc.ts';
import { httpCases, httpServers } from './cases/http.ts';
import { moreHttpCases, moreHttpServers } from './cases/http-more.ts';
import { httpTlsCases, httpTlsServers } from './cases/http-tls.ts';
import { tcpCases, tcpServers, unixCases } from './cases/tcp.ts';
import { type Case, type Places, pathOf, type Servers, writeModules } from './cases.ts';
import { comparable, read, unknownNames } from './compared.ts';
import { type Answered, isBuilt, type Pair, startPair } from './exporters.ts';
import { makeCertificates } from './servers/certificates.ts';

const groups: Readonly<Record<string, readonly Case[]>> = {
  http: httpCases,
  'http, in detail': moreHttpCases,
  'http, over TLS': httpTlsCases,
  tcp: tcpCases,
  unix: unixCases,
  dns: dnsCases,
  grpc: grpcCases,
  icmp: icmpCases,
};

describe.skipIf(!isBuilt)('against blackbox_exporter', () => {
  const cases = Object.values(groups).flat();
  let dir = '';
  let places: Places = {};
  let pair: Pair | undefined;
  const servers: Servers[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'blackstart-blackbox-'));
    const certificates = await makeCertificates(dir);
    servers.push(await httpServers(dir), await moreHttpServers(dir), await httpTlsServers(certificates));
    servers.push(await tcpServers(dir, certificates), await dnsServers(certificates), await grpcServers(certificates));
    places = Object.assign({ ...certificates.files }, ...servers.map((one) => one.places));
    pair = await startPair(writeModules(dir, cases, places));
  });
  afterAll(async () => {
    await Promise.all([pair?.real.stop(), pair?.ours.stop(), ...servers.map((one) => one.close())]);
    rmSync(dir, { recursive: true, force: true });
  });

  for (const [kind, some] of Object.entries(groups)) {
    test.each(some.map((one) => [one.name, one] as const))(`${kind}: %s`, async (_, one) => {
      const path = pathOf(one, cases.indexOf(one), places);
      const headers = one.within === undefined ? {} : { 'X-Prometheus-Scrape-Timeout-Seconds': one.within };
      const [real, ours] = await Promise.all([pair?.real.get(path, { headers }), pair?.ours.get(path, { headers })]);
      if (real === undefined || ours === undefined) throw new Error('nothing was started');
      expect(wayOf(ours)).toEqual(wayOf(real));
      if (real.status !== 200) return expect(ours.body.toString()).toBe(real.body.toString());
      const said = read(ours.body.toString());
      const held = (lines: readonly string[]): readonly string[] => lines.filter((line) => !one.apart?.test(line));
      expect(held(comparable(said)), `${path}\n${real.body}`).toEqual(held(comparable(read(real.body.toString()))));
      expect(unknownNames(said)).toEqual([]);
    });
  }
});

function wayOf({ status, headers }: Answered): object {
  return { status, type: headers['content-type'], sniff: headers['x-content-type-options'] };
}
