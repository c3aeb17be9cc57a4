/** An outage of which it is known whose fault it is. */
import type { Blame, FailedAt } from '../../contract/result.ts';

export type LabelledOutage = { readonly kind: Blame; readonly vantage: string; readonly region: string };

/** At what an attempt from a vantage at a region of the target fails because of it, if it does. */
export function failureIn({ kind, vantage, region }: LabelledOutage, from: string, to: string | null): FailedAt | null {
  switch (kind) {
    case 'target':
      return 'answer';
    case 'region':
      return to === region ? 'connect' : null;
    case 'path':
      return from === vantage && to === region ? 'connect' : null;
    case 'resolver':
      return from === vantage ? 'resolve' : null;
    case 'vantage':
      return from === vantage ? 'connect' : null;
  }
}
