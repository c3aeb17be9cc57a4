import type { Check } from '../../contract/check.ts';
import type { Observation } from '../../contract/result.ts';
import { fetchOnce } from '../http/fetch.ts';
import type { HttpResponse } from '../http/response.ts';
import type { ProbeContext } from '../prober.ts';
import { headerOf, observationOf } from './http.ts';

/** One request as a user of a country: who served it, where the service stored it, or that it was refused. */
export async function probeResidency(check: Check<'residency'>, context: ProbeContext): Promise<Observation> {
  const fetched = await fetchOnce({ ...check, resolveWith: 'resolver' }, context);
  let leak = false;
  const observation = observationOf(fetched, check, context, (response) => {
    leak = isLeak(response, check);
    return breach(response, check);
  });
  const details = { ...observation.details, userCountry: check.userCountry };
  return { ...observation, details: leak && observation.outcome === 'bad' ? { ...details, leak } : details };
}

/**
 * A bad answer is a leak when the user was served, or when a refusal stored something all the same. An error shows
 * nothing of where anything is.
 */
function isLeak(response: HttpResponse, { expect, identity }: Check<'residency'>): boolean {
  const { status } = response;
  if (status >= 200 && status <= 299) return true;
  const storedIn = headerOf(response, identity.storedIn);
  return expect.answer === 'refused' && status === expect.status && storedIn !== undefined;
}

function breach(response: HttpResponse, check: Check<'residency'>): string | undefined {
  const { expect, identity } = check;
  const servedBy = headerOf(response, identity.servedBy);
  const storedIn = headerOf(response, identity.storedIn);
  if (expect.answer === 'refused') {
    if (response.status === expect.status) {
      return storedIn === undefined ? undefined : `residency: refused, but stored in ${storedIn}, want nothing stored`;
    }
    const where = `served by ${servedBy ?? 'nobody named'}, stored in ${storedIn ?? 'no place named'}`;
    return `status: got ${response.status}, want ${expect.status}; ${where}`;
  }
  if (response.status < 200 || response.status > 299) return `status: got ${response.status}, want 2xx`;
  const writes = check.method !== 'GET' && check.method !== 'HEAD';
  return (
    misplaced('served by', servedBy, expect.servedIn) ??
    (identity.storedIn !== null && (writes || storedIn !== undefined)
      ? misplaced('stored in', storedIn, expect.storedIn)
      : undefined)
  );
}

/** An answer that does not say where is no proof of compliance: it fails wherever a place is asked for. */
function misplaced(what: string, got: string | undefined, want: readonly string[] | null): string | undefined {
  return want === null || (got !== undefined && want.includes(got))
    ? undefined
    : `residency: ${what} ${got ?? 'nobody named'}, want one of ${want.join(', ')}`;
}
