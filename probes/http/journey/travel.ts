/** The way of a journey: hop by hop, until an answer redirects no further. */
import type { Ending } from '../../ending.ts';
import type { Failure, ProbeContext } from '../../prober.ts';
import type { Hop, Journey, JourneyRequest, JourneyResponse } from '../journey.ts';
import { tokenPattern } from '../request.ts';
import type { AnswerHead } from './answer.ts';
import { type AnswerBody, type BodyTerms, bodyOf, bodySink, brokenBody, noBody } from './body.ts';
import { concealing } from './concealed.ts';
import { type CookieJar, cookieJar } from './cookies.ts';
import { dressed, type Wardrobe } from './dress.ts';
import { type Hopped, type HopRequest, hop } from './hop.ts';
import type { LineTerms } from './line.ts';
import { httpUrl, shownUrl } from './places.ts';
import { type Leg, redirected } from './redirects.ts';
import type { Sink } from './sink.ts';
import { bodyTerms, lineTerms, wardrobeOf } from './terms.ts';
import { dropToken } from './tokens.ts';
import { type JourneyWatch, journeyWatch } from './watch.ts';

type Trip = {
  readonly request: JourneyRequest;
  readonly context: ProbeContext;
  readonly ending: Ending;
  readonly watch: JourneyWatch;
  readonly body: BodyTerms;
  readonly line: LineTerms;
  readonly first: URL;
  readonly jar: CookieJar | null;
  readonly addresses: Map<string, string>;
  readonly hops: Hop[];
  readonly transcript: string[];
};

type Arrival = {
  readonly failure: Failure | null;
  readonly redirects: number;
  readonly response: JourneyResponse | null;
};

export async function travel(request: JourneyRequest, context: ProbeContext): Promise<Journey> {
  const watch = journeyWatch(context.clock);
  const hops: Hop[] = [];
  const transcript: string[] = [];
  const secrets = concealing(request);
  const arrival = await arriving();
  const failure = arrival.failure && { ...arrival.failure, reason: secrets.conceal(arrival.failure.reason) };
  if (failure !== null) transcript.push(`failed: ${failure.reason}`);
  const shown = transcript.map(secrets.conceal);
  return { ok: failure === null, ...arrival, failure, ...watch.total(), hops, transcript: shown };

  async function arriving(): Promise<Arrival> {
    const first = httpUrl(request.url);
    if ('mistake' in first) return unasked(`url: ${first.mistake}`);
    if (!tokenPattern.test(request.method)) {
      return unasked(`method: got ${JSON.stringify(request.method)}, want a token such as GET`);
    }
    const jar = request.cookies ? cookieJar() : null;
    const ending = context.ending;
    const common = { request, context, ending, watch, hops, transcript, first, jar, addresses: new Map() };
    const trip: Trip = { ...common, body: bodyTerms(request), line: lineTerms(request) };
    const wardrobe = await wardrobeOf(request, trip.line, watch, context);
    if ('failure' in wardrobe) return { ...wardrobe, redirects: 0, response: null };
    if (wardrobe.authorization !== undefined) secrets.also(wardrobe.authorization);
    return goOn(trip, wardrobe);
  }
}

function unasked(reason: string): Arrival {
  return { failure: { failedAt: 'agent', reason }, redirects: 0, response: null };
}

async function goOn(trip: Trip, wardrobe: Wardrobe): Promise<Arrival> {
  const { request, context, first } = trip;
  const body = typeof request.body === 'string' ? Buffer.from(request.body, 'utf8') : request.body;
  let leg: Leg = {
    ...{ url: first, method: request.method, body, host: wardrobe.host },
    ...{ trusted: true, sameHost: true, bodyDropped: false },
  };
  for (let redirects = 0; ; redirects += 1) {
    const made = await step(trip, leg, wardrobe, redirects < request.maxRedirects);
    const { hopped, next } = made;
    if (hopped.head?.status === 401 && request.authorization.kind === 'oauth2') {
      dropToken(request.authorization, context);
    }
    if (next === undefined || 'mistake' in next || made.came !== undefined || hopped.failure !== null) {
      const arrival = await arrived(trip, leg, made);
      trip.hops.push(made.seen(true));
      const failure =
        arrival.failure === null || redirects === 0 ? arrival.failure : behind(redirects, arrival.failure);
      return { ...arrival, failure, redirects: next === undefined ? redirects : redirects + 1 };
    }
    trip.hops.push(made.seen(false));
    trip.transcript.push(`redirect: ${hopped.head?.status} to ${shownUrl(next.url)}`);
    leg = next;
  }
}

type Step = {
  readonly hopped: Hopped;
  readonly next: Leg | undefined | { readonly mistake: string };
  /** The body, where it was read. */
  readonly came: Sink | undefined;
  seen(last: boolean): Hop;
};

async function step(trip: Trip, leg: Leg, wardrobe: Wardrobe, follow: boolean): Promise<Step> {
  const { context, watch, jar, transcript } = trip;
  const request = dressed(leg, wardrobe, jar?.header(leg.url, context.clock.wallMs()));
  transcript.push(asked(request));
  const times = watch.hop();
  const from = { url: trip.first, onlyThisHost: trip.request.onlyThisHost === true };
  let next: Step['next'];
  let came: Sink | undefined;
  let ip: string | null = null;
  function found(address: string): void {
    ip = address;
  }
  function take(head: AnswerHead): Sink | 'stop' {
    next = redirected(leg, from, head.status, head.headers.get('location')?.[0]);
    if (next !== undefined && (follow || 'mistake' in next)) return 'stop';
    came = bodySink(trip.body, head);
    return came;
  }
  const { addresses, ending, line: terms } = trip;
  const opening = { addresses, terms, trusted: leg.trusted, watch, context, ending, sockets: [], found };
  const hopped = await hop(request, take, opening);
  const { head, tls } = hopped;
  jar?.take(leg.url, head?.headers.get('set-cookie') ?? [], context.clock.wallMs());
  if (tls !== null) transcript.push(`TLS: ${tls.version}, ${tls.cipher}, ${tls.alpn ?? 'nothing'} agreed`);
  if (head !== null) transcript.push(`answer: HTTP/${head.version} ${head.status}${ip === null ? '' : ` from ${ip}`}`);
  const about = { url: shownUrl(leg.url), ip, status: head?.status ?? null, tls };
  return { hopped, next, came, seen: (last) => ({ ...about, phases: times.phases(last) }) };
}

/** Names of headers alone: their values may be secrets. */
function asked({ method, url, host, headers }: HopRequest): string {
  const names = headers.map(([name]) => name).join(', ');
  return `request: ${method} ${shownUrl(url)}, host ${host ?? url.host}, headers ${names}`;
}

async function arrived(trip: Trip, leg: Leg, { hopped, next, came }: Step): Promise<Omit<Arrival, 'redirects'>> {
  const { head, failure } = hopped;
  if (head === null) return { failure, response: null };
  if (came === undefined) {
    const mistake = next !== undefined && 'mistake' in next ? next.mistake : 'got no body';
    return { failure: failure ?? { failedAt: 'answer', reason: mistake }, response: responseOf(head, noBody) };
  }
  if (failure !== null) return { failure, response: responseOf(head, brokenBody(trip.body, head, came)) };
  const read = await bodyOf(trip.body, head, came, leg.method, trip.ending);
  return { failure: read.failure, response: responseOf(head, read) };
}

function responseOf(head: AnswerHead, read: Omit<AnswerBody, 'failure'>): JourneyResponse {
  const { body, bodyBytes, uncompressedBytes, bodyTooLarge, whole } = read;
  return { ...head, body, bodyBytes, uncompressedBytes, bodyTooLarge, whole };
}

function behind(redirects: number, { failedAt, reason }: Failure): Failure {
  return { failedAt, reason: `behind ${redirects} ${redirects === 1 ? 'redirect' : 'redirects'}: ${reason}` };
}
