/** How findings speak of worlds, users and records. */
import type { RecordSet } from '../../../zone/records.ts';
import { shareInWords } from '../finding.ts';
import type { Users } from './users.ts';

export function whenDark(dark: string | null): string {
  return dark === null ? 'with everything well' : `with ${dark} dark`;
}

/** `30 % of your users`, or who they are where nobody says how many. */
export function whom(share: number | null, users: readonly Users[]): string {
  const names = namesOf(users.map(({ who }) => who));
  if (share === null || share === 0) return names;
  return `${shareInWords(share)} of your users${users.length === 0 ? '' : ` (${names})`}`;
}

const mostNamed = 4;

/** `users in DE, FR and 25 more`. */
function namesOf(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, distinct.length > mostNamed ? mostNamed - 1 : mostNamed);
  const [first = 'nobody', ...rest] = shown;
  const tail = rest.map((name) => (first.startsWith('users in ') ? name.replace(/^users in /, '') : name));
  const more = distinct.length > shown.length ? ` and ${distinct.length - shown.length} more` : '';
  return `${[first, ...tail].join(', ')}${more}`;
}

/** `api.shop.example. A "eu"`. */
export function recordName({ name, type, setIdentifier }: RecordSet): string {
  return `${name} ${type}${setIdentifier === null ? '' : ` "${setIdentifier}"`}`;
}

export function listed(values: readonly string[]): string {
  const distinct = [...new Set(values)];
  return distinct.length <= 4
    ? distinct.join(', ')
    : `${distinct.slice(0, 3).join(', ')} and ${distinct.length - 3} more`;
}
