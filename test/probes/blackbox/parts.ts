/** What `/probe` is given in tests: engines that answer as a test tells them, and time that stands still. */

import type { Module } from '../../../probes/blackbox/config/module.ts';
import { parseModules, showModule } from '../../../probes/blackbox/config/parse.ts';
import type { Engines } from '../../../probes/blackbox/engines.ts';
import { newHistory } from '../../../probes/blackbox/history.ts';
import { type Asked, type Probed, type ProbeParts, probeTarget } from '../../../probes/blackbox/probe.ts';
import type { CertificateFacts, TlsFacts } from '../../../probes/tls/facts.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { probing } from '../../fakes/probing.ts';

export function modulesOf(yaml: string): ReadonlyMap<string, Module> {
  const parsed = parseModules(yaml);
  if (!parsed.ok) throw new Error(parsed.mistake);
  return parsed.modules;
}

/** An engine that nobody may ask. */
function unasked(name: string) {
  return (): never => {
    throw new Error(`${name} was asked`);
  };
}

export function parts(engines: Partial<Engines>): ProbeParts {
  return {
    context: probing(fakeClock()),
    lookup: async (host) => {
      const known = names[host];
      if (known === undefined) throw new Error(`lookup ${host}: no such host`);
      return known;
    },
    engines: {
      journey: unasked('journey'),
      converse: unasked('converse'),
      inquire: unasked('inquire'),
      askHealth: unasked('askHealth'),
      echo: unasked('echo'),
      ...engines,
    },
    environmentProxy: () => null,
    history: newHistory(100),
    showModule,
  };
}

const names: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'],
  'old.example': ['192.0.2.1', '192.0.2.2'],
};

const ending = new AbortController().signal;
const nothing: Asked = { module: '', target: '', hostname: '', scrapeTimeout: undefined, ending };

/** Of the module `m`. */
export function probe(yaml: string, asked: Partial<Asked>, made: ProbeParts): Promise<Probed> {
  const settings = { timeoutOffsetSeconds: 0.5, logLevel: 'info' } as const;
  return probeTarget({ ...nothing, module: 'm', ...asked }, modulesOf(yaml), settings, made);
}

const leaf: CertificateFacts = {
  subject: 'CN=shop.example,O=Shop "of" all\\things',
  issuer: 'CN=Between',
  notBeforeMs: 1_700_000_000_000,
  notAfterMs: 1_800_000_000_900,
  dnsNames: ['shop.example', 'www.shop.example'],
  subjectAlternative: 'shop.example,www.shop.example',
  serialNumber: '01ab',
  sha256: 'ab'.repeat(32),
};
const between: CertificateFacts = { ...leaf, subject: 'CN=Between', issuer: 'CN=Root', notAfterMs: 1_790_000_000_000 };
const root: CertificateFacts = { ...leaf, subject: 'CN=Root', issuer: 'CN=Root', notAfterMs: 1_900_000_000_000 };

export const tls: TlsFacts = {
  version: 'TLS 1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  peers: [leaf, between],
  chains: [
    [leaf, between, root],
    [leaf, root],
  ],
  alpn: 'h2',
};
