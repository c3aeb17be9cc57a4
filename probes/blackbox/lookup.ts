/** Names of targets, as blackbox_exporter finds them: the machine's hosts file, search list and name servers. */
import { lookup } from 'node:dns';
import { prepareQuestion, type Resolver } from '../resolver.ts';
import type { Lookup } from './choose.ts';

/** By getaddrinfo. It cannot be cut short: an abort leaves it behind. */
export const systemLookup: Lookup = (host, ending) =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(ending.reason);
    if (ending.aborted) return stop();
    ending.addEventListener('abort', stop, { once: true });
    lookup(host, { all: true, order: 'verbatim' }, (error, found) => {
      ending.removeEventListener('abort', stop);
      if (error === null) resolve(found.map(({ address }) => address));
      else reject(new Error(`lookup ${host}: ${error.code === 'ENOTFOUND' ? 'no such host' : error.message}`));
    });
  });

/** By the agent's own resolver: full names only, both kinds of records. */
export function resolverLookup(resolver: Resolver): Lookup {
  return async (host, ending) => {
    const name = host.replace(/\.$/, '');
    if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1']; // RFC 6761 §6.3
    const asked = await Promise.all(
      (['A', 'AAAA'] as const).map((type) => resolver.ask(prepareQuestion({ name, type, subnet: null }, null), ending)),
    );
    const found = asked.flatMap((one) => (one.ok ? one.answer.addresses : []));
    if (found.length > 0) return found;
    const failed = asked.find((one) => !one.ok);
    throw new Error(`lookup ${host}: ${failed?.ok === false ? failed.failure.reason : 'no such host'}`);
  };
}
