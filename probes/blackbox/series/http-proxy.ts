/** Which proxy a module's requests take. */
import type { JourneyRequest } from '../../http/journey.ts';
import { isIn, literalOf, rangeOf } from '../../limits/literal.ts';
import type { ProxyModule } from '../config/module.ts';

/** What the environment of the process says; `null` is the straight way. */
export type EnvironmentProxy = (url: URL) => URL | null;

/** `url`: as it is asked for, with the address in it where that was chosen before: exceptions by name do not hold then. */
export function proxyTo(
  url: URL,
  { proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader }: ProxyModule,
  environmentProxy: EnvironmentProxy,
): JourneyRequest['proxy'] {
  const named = proxyUrl === null || proxyUrl === '' || isExcepted(noProxy, url) ? null : proxyUrl;
  const chosen = proxyFromEnvironment ? (environmentProxy(url)?.href ?? null) : named;
  if (chosen === null) return null;
  const connectHeaders = Object.fromEntries(
    Object.entries(proxyConnectHeader).map(([name, values]) => [name, values.join(', ')]),
  );
  return { url: chosen, connectHeaders };
}

const thisMachine = ['127.0.0.0/8', '::1'];

/** Hosts, domains with what is below them, addresses, ranges, or `*`. Where there are any, this machine is one of them. */
function isExcepted(noProxy: string, { hostname, port, protocol }: URL): boolean {
  const exceptions = noProxy
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');
  if (exceptions.length === 0) return false;
  const host = hostname.toLowerCase();
  const literal = literalOf(host.replace(/^\[(.*)\]$/, '$1'));
  const at = `${host}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
  const isWithin = (text: string): boolean => {
    const range = literal === undefined ? undefined : rangeOf(text);
    return literal !== undefined && range !== undefined && isIn(literal, range);
  };
  if (host === 'localhost' || thisMachine.some(isWithin)) return true;
  return exceptions.some(
    (one) =>
      one === '*' || one === host || one === at || isWithin(one) || host.endsWith(`.${one.replace(/^\*?\./, '')}`),
  );
}
