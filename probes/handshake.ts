import type { Check } from '../contract/check.ts';

/** Whether each attempt on a connection of its own begins with a TLS handshake. */
export function makesHandshake(check: Check): boolean {
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
