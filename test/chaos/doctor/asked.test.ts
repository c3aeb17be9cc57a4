/** What a doctor makes of the zone's own answers. */
import { expect, test } from 'vitest';
import { answeredOtherwise } from '../../../chaos/doctor/zone/asked.ts';
import { Trouble } from '../../../chaos/trouble.ts';
import type { TestAnswer, TestQuestion } from '../../../chaos/zone-reader.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { facts, name, pair } from './shop.ts';

const sound = facts(pair);
const api = name('api');
/** Where all are led while all is well, and the standby. */
const primary = { A: '192.0.2.1', AAAA: '2001:db8:1::1' };
const standby = { A: '192.0.2.2', AAAA: '2001:db8:2::1' };
const from = (region: typeof primary) => (question: TestQuestion) => ({
  values: [question.type === 'AAAA' ? region.AAAA : region.A],
});

/** Asks with a server that answers so; what was said, and what was asked. */
async function asked(answers: (question: TestQuestion) => Partial<TestAnswer>, zone = sound) {
  const questions: TestQuestion[] = [];
  const said = await answeredOtherwise(
    zone,
    {
      async answer(question) {
        questions.push(question);
        return { code: 'NOERROR', values: [], nameserver: 'ns-1.example', ...answers(question) };
      },
    },
    { clock: fakeClock(0), signal: new AbortController().signal },
  );
  return { said, questions };
}

test('answers that are as the records say are passed over in silence, and each place is asked once', async () => {
  const { said, questions } = await asked(from(primary));
  expect(said).toEqual([]);
  expect(questions.map((question) => `${question.name} ${question.type} ${question.subnet}`)).toEqual([
    `${api} A 128.100.0.0/24`,
    `${api} A 141.2.0.0/24`,
    `${api} AAAA 128.100.0.0/24`,
    `${api} AAAA 141.2.0.0/24`,
  ]);
});

test('an answer that the records do not give is told, with what was to be expected', async () => {
  const isFrankfurt = ({ subnet }: TestQuestion): boolean => subnet === '141.2.0.0/24';
  const { said } = await asked((question) => from(isFrankfurt(question) ? standby : primary)(question));
  expect(said).toEqual([
    `how users of eu-west-1 (frankfurt) are led by ${api} (A): Route 53 itself answers 192.0.2.2 to 141.2.0.0/24, and by its records and health checks it would be 192.0.2.1; what is said of them here may be wrong`,
    `how users of eu-west-1 (frankfurt) are led by ${api} (AAAA): Route 53 itself answers 2001:db8:2::1 to 141.2.0.0/24, and by its records and health checks it would be 2001:db8:1::1; what is said of them here may be wrong`,
  ]);
});

test('an address of IPv6 is the same however it is written', async () => {
  const { said } = await asked((question) =>
    question.type === 'AAAA' ? { values: ['2001:0DB8:0001:0:0:0:0:1'] } : from(primary)(question),
  );
  expect(said).toEqual([]);
});

test('no answer where there should be one is told with its code', async () => {
  const { said } = await asked(() => ({ code: 'NXDOMAIN' }));
  expect(said[0]).toContain('answers no address (NXDOMAIN) to ');
});

test('a right that is missing is told once, and no more is asked', async () => {
  const { said, questions } = await asked(() => {
    throw new Trouble('forbidden', 'the answer: User is not authorized (AccessDenied)');
  });
  expect(questions).toHaveLength(1);
  expect(said).toEqual([
    'whether Route 53 itself answers as its records say: the answer: User is not authorized (AccessDenied)',
  ]);
});

test('a private zone and one whose health checks are not known are not asked', async () => {
  const hidden = await asked(() => ({}), { ...sound, zone: { ...sound.zone, isPrivate: true } });
  const unread = await asked(() => ({}), { ...sound, checksRead: false });
  expect([hidden, unread]).toEqual([
    { said: [], questions: [] },
    { said: [], questions: [] },
  ]);
});
