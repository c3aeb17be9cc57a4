import type { Check } from '../contract/check.ts';

/** What most of an attempt on a connection of its own costs, on both sides. */
export type Effort = 'datagram' | 'connection' | 'handshake';

export function effortOf(check: Check): Effort {
  if (makesHandshake(check)) return 'handshake';
  return check.kind === 'dns' && (check.transport ?? 'udp') === 'udp' ? 'datagram' : 'connection';
}

/** Whether it begins with a TLS handshake. */
function makesHandshake(check: Check): boolean {
  switch (check.kind) {
    case 'http':
    case 'residency':
      return check.url.toLowerCase().startsWith('https:');
    case 'dns':
      return check.transport === 'tls' || check.transport === 'https';
    case 'tcp':
      return check.tls !== undefined || check.startTls !== undefined || check.dialogue.some((step) => step.startTls);
    case 'grpc':
      return check.tls !== undefined;
    case 'tls':
      return true;
    case 'icmp':
      return false;
  }
}
