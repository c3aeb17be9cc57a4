/** Whose turn it is: one pace for each account, however many zones and roles it is asked as. */
import { expect, test } from 'vitest';
import type { AwsPlace } from '../../../chaos/account.ts';
import { awsSession } from '../../../chaos/cloud/aws/session.ts';
import { fakeClock } from '../../fakes/clock.ts';

const open = new AbortController().signal;
const one = 'arn:aws:iam::000000000001:role';
const other = 'arn:aws:iam::000000000002:role/drills';

type Who = { readonly role: string | null; readonly accountId?: string; readonly fails?: boolean };

/** How many of ten requests, five as each, have their turn at once. */
async function atOnce(first: Who, second: Who): Promise<number> {
  const clock = fakeClock();
  const session = awsSession(clock);
  const turns = [first, second].map(({ role, accountId, fails }) => {
    const place: AwsPlace = { region: 'us-east-1', role };
    const credentials = async () => {
      if (fails === true) throw new Error('no credentials');
      return accountId === undefined ? {} : { accountId };
    };
    return session.turnOf(place, { config: { credentials } });
  });
  let begun = 0;
  const all = turns.flatMap((turn) => [1, 2, 3, 4, 5].map(() => turn(open).then(() => (begun += 1))));
  await clock.advance(1_000);
  const sooner = begun;
  await clock.advance(100);
  await Promise.all(all);
  return sooner;
}

test.each<[string, Who, Who, number]>([
  ['roles of one account share it', { role: `${one}/drills` }, { role: `${one}/readers` }, 5],
  ['roles of two accounts do not', { role: `${one}/drills` }, { role: other }, 10],
  [
    'credentials that say whose they are share it with that account’s roles',
    { role: null, accountId: '000000000001' },
    { role: `${one}/drills` },
    5,
  ],
  ['credentials that do not say share one', { role: null }, { role: null, fails: true }, 5],
  ['credentials of another account do not', { role: null, accountId: '000000000002' }, { role: `${one}/drills` }, 10],
])('%s', async (_name, first, second, sooner) => {
  expect(await atOnce(first, second)).toBe(sooner);
});
