/** Whole labs: every row as expected, and what the drills reported holds what truly happened. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compare, readTruth } from '../fakes/truth.ts';
import { type Command, commandsOf, leftIn, newPlace, processesOf, removePlace } from './place.ts';
import { oddRows, wholeLab } from './whole-lab.ts';

/** As one would type it. */
function typed({ argv, env }: Command): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [...variables, 'blackstart', ...argv].join(' ');
}

describe('a whole lab', () => {
  test.each([1, 2, 3])('with seed %i has every row as expected, and its bounds contain the truth', async (seed) => {
    const place = newPlace();
    const lab = await wholeLab(place, ['--seed', String(seed)]);
    expect.soft(oddRows(lab)).toEqual({});
    expect.soft(lab.code).toBe(0);

    const truth = readTruth(lab.world.truth);
    const compared = lab.document.drills.flatMap((report) => compare(report, lab.world, truth));
    process.stdout.write(`seed ${seed}: ${compared.length} stages held against the truth\n`);
    expect.soft(compared.filter(({ holds }) => !holds)).toEqual([]);
    expect.soft(new Set(compared.map(({ drill }) => drill)).size).toBe(2);
    expect.soft(compared.length).toBeGreaterThan(20);

    const commands = commandsOf(place);
    process.stdout.write(`${commands.map(typed).join('\n')}\n`);
    const told = commands.map(typed).join('\n');
    expect.soft(new Set(commands.map(({ argv }) => argv[0]))).toEqual(programs);
    expect.soft(told).not.toContain(lab.world.truth);
    expect.soft(told).not.toMatch(/truth|world\.json/);
    // Nor do they learn it from a file that they are given.
    for (const file of [lab.world.scenario, lab.world.kubeconfig])
      expect.soft(readFileSync(file, 'utf8')).not.toMatch(/truth|world\.json/);

    expect.soft(processesOf(place)).toEqual([]);
    expect(leftIn(place)).toEqual([]);
    removePlace(place);
  });
});

const programs = new Set(['aggregator', 'agent', 'audit', 'drill', 'restorer']);
