import type { CheckKind } from '../contract/check.ts';
import type { Prober } from './prober.ts';
import { probeDns } from './probers/dns.ts';
import { probeGrpc } from './probers/grpc.ts';
import { probeHttp } from './probers/http.ts';
import { probeIcmp } from './probers/icmp.ts';
import { probeResidency } from './probers/residency.ts';
import { probeTcp } from './probers/tcp.ts';
import { probeTls } from './probers/tls.ts';

/** A kind of check without a prober does not compile. */
export const probers: { readonly [K in CheckKind]: Prober<K> } = {
  http: probeHttp,
  dns: probeDns,
  residency: probeResidency,
  grpc: probeGrpc,
  icmp: probeIcmp,
  tcp: probeTcp,
  tls: probeTls,
};

/** Newer aggregators may assign kinds that are not known here. */
export function isKnownKind(kind: string): kind is CheckKind {
  return Object.hasOwn(probers, kind);
}
