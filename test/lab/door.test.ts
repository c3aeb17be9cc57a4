/** A drill at a region's door, in a whole lab: its runner is killed, and the door ends what was set by itself. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KeptLab, keepLab } from './kept-lab.ts';
import { operator, refused } from './operator.ts';
import { removePlace } from './place.ts';
import { bounded, until } from './waiting.ts';

const withinMs = 60_000;
let lab: KeptLab;
beforeAll(async () => {
  lab = await keepLab(23);
});
afterAll(async () => {
  await lab.stop();
  removePlace(lab.place);
});

type Board = { readonly url: string; readonly token: { readonly file: string } };

/** What is set at the door, as anybody who has the token reads it. */
async function door(): Promise<unknown> {
  const { switchboards } = JSON.parse(readFileSync(lab.world.scenario, 'utf8')) as {
    readonly switchboards: Readonly<Record<string, Board>>;
  };
  const { url = '', token } = switchboards['us-east-1'] ?? {};
  const authorization = `Bearer ${readFileSync(token?.file ?? '', 'utf8').trim()}`;
  const answer = await fetch(`${url}/settings/door`, { headers: { authorization } });
  return ((await answer.json()) as { readonly setting: unknown }).setting;
}

test('a door that refuses ends it by itself when its runner is killed, and recover finds nothing to put back', async () => {
  const hands = operator(lab, refused, '20s');
  const runner = hands.drill('run');
  await bounded(withinMs, 'the door to be refused', runner.said(/s {2}failing-over$/m));
  expect(await door()).toEqual({ how: 'refuse' });
  runner.kill('SIGKILL');
  await runner.ended;
  await until(withinMs, 'the setting to end', async () => ((await door()) === null ? true : undefined));
  await hands.endBursts(hands.newestDrill());
  const { code, stdout, stderr } = await hands.ran('recover');
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect((await hands.region('us-east-1')).leases).toEqual([]);
});
