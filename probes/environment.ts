/** What probing needs of the machine, made from options once and checked early. */
import { createSocket } from 'node:dgram';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../contract/address.ts';
import type { Clock } from '../contract/clock.ts';
import { type Log, silent } from '../contract/log.ts';
import { type Mistake, Mistakes } from '../contract/mistake.ts';
import { reveal } from '../contract/secret.ts';
import { type Dialer, dialer } from './dialer.ts';
import { type Pinger, pinger } from './icmp/pinger.ts';
import { type TargetLimits, targetLimits } from './limits.ts';
import { dnsResolver, type Resolver, serverOfResolvConf } from './resolver.ts';
import { type SecretOptions, type SecretStore, secretStore } from './secrets.ts';
import type { CaText } from './tls/settings.ts';

export type EnvironmentOptions = {
  /** Trusted in addition to the system's. */
  readonly ca: CaText | null;
  /** `null`: the first of /etc/resolv.conf. */
  readonly resolver: HostPort | null;
  readonly sourceAddress: string | null;
  /** As `LimitsOptions.allowed`. */
  readonly allowTargets?: readonly string[] | undefined;
  /** Absent where a check can have none. */
  readonly secrets?: SecretOptions | undefined;
};

export type Environment = {
  readonly dialer: Dialer;
  readonly resolver: Resolver;
  readonly limits: TargetLimits;
  readonly pinger: Pinger;
  readonly secrets?: SecretStore | undefined;
};

/** Throws `Mistakes` with all that is wrong. */
export async function environment(
  options: EnvironmentOptions,
  { clock, log = silent }: { readonly clock: Clock; readonly log?: Log },
): Promise<Environment> {
  const { ca, sourceAddress } = options;
  const mistakes: Mistake[] = [];
  if (options.resolver !== null && isIP(options.resolver.host) === 0) {
    const got = formatHostPort(options.resolver);
    mistakes.push({ place: '--resolver', got, want: 'an IP address and a port' });
  }
  const pem = ca === null ? null : reveal(ca);
  if (pem !== null && !pem.includes('-----BEGIN CERTIFICATE-----')) {
    mistakes.push({ place: '--ca', got: JSON.stringify(pem.slice(0, 30)), want: 'certificates in PEM' });
  }
  if (sourceAddress !== null && !(await isOwnAddress(sourceAddress))) {
    mistakes.push({ place: '--source-address', got: sourceAddress, want: 'an IP address of this machine' });
  }
  const limits = targetLimits({ allowed: options.allowTargets ?? [] }, (mistake) => mistakes.push(mistake));
  const dir = options.secrets?.dir ?? null;
  if (dir !== null && !statSync(dir, { throwIfNoEntry: false })?.isDirectory()) {
    mistakes.push({ place: '--secrets', got: JSON.stringify(dir), want: 'a folder that is there' });
  }
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  const server = options.resolver ?? systemServer();
  return {
    dialer: dialer({ ca, sourceAddress, limits }),
    resolver: dnsResolver({ server, sourceAddress, limits }),
    limits,
    pinger: pinger({ sourceAddress, onChosen: (way) => log.info(way, `icmp checks are made by ${wayText[way.by]}`) }),
    ...(options.secrets === undefined ? {} : { secrets: secretStore(options.secrets, clock) }),
  };
}

const wayText = { icmp: 'ping', udp: 'datagrams to a closed port: ping does not work here' } as const;

function systemServer(): HostPort {
  try {
    return serverOfResolvConf(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return serverOfResolvConf('');
  }
}

function isOwnAddress(address: string): Promise<boolean> {
  const family = isIP(address);
  if (family === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address, port: 0, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
