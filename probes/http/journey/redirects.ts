/** From an answer to the request it redirects to, as Go's net/http has it. */
import { hostOf, httpUrl } from './places.ts';

/** One request of a journey. */
export type Leg = {
  readonly url: URL;
  readonly method: string;
  readonly body: Buffer | null;
  /** Instead of the URL's, in `Host`. */
  readonly host: string | undefined;
  /** What says who we are may go there: the first host, and below it. Once lost it does not come back. */
  readonly trusted: boolean;
  /** It goes to the very host and port that the first went to. */
  readonly sameHost: boolean;
  /** A body was dropped on the way, and with it the headers that describe it. */
  readonly bodyDropped: boolean;
};

const statuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** `undefined` where the answer redirects nowhere. */
export function redirected(
  leg: Leg,
  { url: first, onlyThisHost }: { readonly url: URL; readonly onlyThisHost: boolean },
  status: number,
  location: string | undefined,
): Leg | undefined | { readonly mistake: string } {
  if (!statuses.has(status) || location === undefined || location === '') return undefined;
  // Header bytes are read as Latin-1; a URL beyond ASCII is in UTF-8.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const url = httpUrl(text, leg.url);
  if ('mistake' in url) return { mistake: `location: ${url.mistake}` };
  const keeps = status === 307 || status === 308;
  const sameHost = url.host === first.host;
  const relative = URL.parse(text) === null;
  return {
    url,
    method: keeps || leg.method === 'HEAD' || leg.method === 'GET' ? leg.method : 'GET',
    body: keeps ? leg.body : null,
    host: relative && sameHost ? leg.host : undefined,
    trusted: leg.trusted && isTold(hostOf(url), hostOf(first), onlyThisHost),
    sameHost,
    bodyDropped: leg.bodyDropped || !keeps,
  };
}

function isTold(host: string, first: string, onlyThisHost: boolean): boolean {
  return host === first || (!onlyThisHost && !host.includes(':') && host.endsWith(`.${first}`));
}
