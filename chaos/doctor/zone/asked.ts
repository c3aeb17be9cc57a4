/** What is said here of a zone's answers, held against what its own servers answer now. */
import { isIP } from 'node:net';
import type { Clock } from '../../../contract/clock.ts';
import { within } from '../../../contract/deadline.ts';
import { possibleAnswers } from '../../../zone/answer.ts';
import { sentenceOf } from '../../trouble.ts';
import type { ZoneAsker } from '../../zone-reader.ts';
import { type AddressType, type Entry, type Surroundings, surroundingsOf, type ZoneFacts } from './facts.ts';
import { hasType } from './outcomes.ts';
import { homeUsers, type Users } from './users.ts';
import { listed } from './words.ts';
import { type World, withTargets, worldsOf } from './worlds.ts';

/** At five requests a second they are asked in five seconds. */
const mostQuestions = 24;
const answerLimitMs = 30_000;

type Deps = { readonly clock: Clock; readonly signal: AbortSignal };
type Question = { readonly entry: Entry; readonly type: AddressType; readonly users: Users; readonly subnet: string };

/**
 * One sentence for each place whose users are answered otherwise than the records and health checks say, and one where
 * that could not be asked. Of public zones; an alias to an AWS resource is told by name here, and is left out.
 */
export async function answeredOtherwise(
  facts: ZoneFacts,
  asker: Partial<ZoneAsker>,
  { clock, signal }: Deps,
): Promise<readonly string[]> {
  const { answer } = asker;
  if (answer === undefined || facts.zone.isPrivate === true || !facts.checksRead) return [];
  const around = surroundingsOf(facts);
  const well = worldsOf(around).find(({ dark }) => dark === null);
  if (well === undefined) return [];
  const said: string[] = [];
  for (const question of questionsOf(around).slice(0, mostQuestions)) {
    const wanted = wantedOf(question, well);
    if (wanted.flat().some((value) => isIP(value) === 0)) continue;
    const { entry, type, users, subnet } = question;
    try {
      const asked = (limited: AbortSignal) => answer({ name: entry.name, type, subnet }, limited);
      const { code, values } = await within(clock, answerLimitMs, signal, asked);
      if (wanted.some((possible) => isOf(values, possible))) continue;
      const got = `${listed(values) || `no address (${code})`}`;
      const want = [...new Set(wanted.map((possible) => listed(possible) || 'no address'))].join(' or ');
      said.push(
        `how ${users.who} are led by ${entry.name} (${type}): Route 53 itself answers ${got} to ${subnet}, and by its records and health checks it would be ${want}; what is said of them here may be wrong`,
      );
    } catch (error) {
      signal.throwIfAborted();
      return [...said, `whether Route 53 itself answers as its records say: ${sentenceOf(error)}`];
    }
  }
  return said;
}

function questionsOf({ scenario, entries }: Surroundings): readonly Question[] {
  const asking = homeUsers(scenario).flatMap((users) => {
    const place = users.home === null ? null : (scenario.regions[users.home]?.place ?? null);
    const subnet = place === null ? undefined : scenario.places[place]?.subnet;
    return subnet === undefined ? [] : [{ users, subnet }];
  });
  return entries.flatMap((entry) =>
    (['A', 'AAAA'] as const)
      .filter((type) => hasType(entry, type))
      .flatMap((type) => asking.map((one) => ({ entry, type, ...one }))),
  );
}

/** The values of each answer that there may be; one without values where there is none. */
function wantedOf({ entry, type, users }: Question, { healthy }: World): readonly (readonly string[])[] {
  const answers = possibleAnswers(withTargets(entry.zone), { name: entry.name, type }, users.client, healthy);
  return answers.length === 0 ? [[]] : answers.map(({ values }) => values);
}

/** Of a multivalue group up to eight are told. */
function isOf(values: readonly string[], possible: readonly string[]): boolean {
  const known = new Set(possible.map(written));
  return values.length === 0 ? known.size === 0 : values.every((value) => known.has(written(value)));
}

/** An address of IPv6 has many spellings; a URL has one. */
function written(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address;
}
