/** Takes secrets out of what is written for people: a server may repeat in its answer what it was told. */
import type { JourneyRequest } from '../journey.ts';
import { basic, basicOf, proxyUrl, userOf } from './places.ts';

export type Concealing = { also(secret: string): void; conceal(text: string): string };

/** A shorter one stands in too many words to be told from them. */
const shortestSecret = 4;

export function concealing({ url, authorization, proxy, headers }: JourneyRequest): Concealing {
  const secrets = new Set<string>();
  function also(secret: string): void {
    if (secret.length >= shortestSecret) secrets.add(secret);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (/^(?:proxy-)?authorization$|^cookie$/i.test(name)) alsoWords(value, also);
  }
  for (const place of [url, proxy?.url ?? '']) {
    const parsed = proxyUrl(place);
    if ('mistake' in parsed) continue;
    also(userOf(parsed).password);
    alsoWords(basicOf(parsed) ?? '', also);
  }
  if (authorization.kind === 'basic') {
    also(authorization.password);
    alsoWords(basic(authorization.username, authorization.password), also);
  } else if (authorization.kind === 'header') {
    also(authorization.credentials);
  } else if (authorization.kind === 'oauth2') {
    also(authorization.clientSecret);
  }
  return {
    also: (value) => alsoWords(value, also),
    conceal(text) {
      let shown = text;
      // The longer first: one may be a part of another.
      for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) {
        shown = shown.replaceAll(secret, '<secret>');
      }
      return shown;
    },
  };
}

/** `Basic dTpw`: the word behind the type. */
function alsoWords(value: string, also: (secret: string) => void): void {
  also(value.slice(value.indexOf(' ') + 1));
}
