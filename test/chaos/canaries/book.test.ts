/** Where canaries go, and what is sent. */
import { describe, expect, test } from 'vitest';
import { callOf, canaryBook, idOf, numberIn } from '../../../chaos/canaries/book.ts';
import { parseScenario } from '../../../scenarios/define.ts';
import { sound } from '../../scenarios/sound.ts';
import { canaryPlan } from './plan.ts';

const scenario = parseScenario(sound());
const [drill] = scenario.drills;

function bookFor(userCountry: string | null) {
  if (drill === undefined) throw new Error('no drill');
  return canaryBook(scenario, drill, { ...canaryPlan, userCountry }, 'lose-us-1');
}

describe('canaries go', () => {
  test('to every region and through the names of the drill, of a user who may be anywhere', () => {
    expect(bookFor('US').setup.targets.map(({ name }) => name)).toEqual(['us-east-1', 'eu-west-1', 'entry.api']);
  });

  test('only where the rule lets a user be; the other stores are read all the same', () => {
    const { targets, stores } = bookFor('DE').setup;
    expect(targets.map(({ name }) => name)).toEqual(['eu-west-1']);
    expect(stores).toEqual([
      { region: 'us-east-1', mayStore: false },
      { region: 'eu-west-1', mayStore: true },
    ]);
  });
});

test('a request has its id, its number and the user’s country in it', () => {
  const book = bookFor('US');
  const id = idOf(book.setup, 'us-east-1', 17);
  expect(id).toBe('blackstart-lose-us-1-us-east-1-17');
  expect(numberIn(book.setup, id)).toEqual({ sequence: 'us-east-1', seq: 17 });
  expect(numberIn(book.setup, `${id}x`)).toBeNull();
  expect(callOf(book, book.plan.write, 'us-east-1', { id, seq: 17 })).toMatchObject({
    method: 'POST',
    url: 'https://us.shop.example/records',
    headers: { 'x-user-country': 'US', 'content-type': 'application/json' },
    body: `{"id":"${id}","seq":17}`,
  });
  expect(callOf(book, book.plan.erase, 'entry.api', { id }).url).toBe(`https://api.shop.example/records/${id}`);
});
