/** Every row can turn: what is planted for it turns it, and no other. */
import { describe, expect, test } from 'vitest';
import { agentApi } from '../../scenarios/agent-api.ts';
import { newPlace, removePlace } from './place.ts';
import { oddRows, type WholeLab, wholeLab } from './whole-lab.ts';

const ids = Object.keys(agentApi.plants);
const calm = ids.filter((id) => agentApi.drillsFor(id).length === 0);
const drilled = ids.filter((id) => agentApi.drillsFor(id).length > 0);
/** What only tells that the machine was busy with other things. */
const isLatency = (id: string): boolean => id.startsWith('latency.');

async function planted(id: string, only: readonly string[]): Promise<WholeLab> {
  const place = newPlace();
  const lab = await wholeLab(place, ['--plant', id, '--seed', '5', ...(only.length > 0 ? ['--only', ...only] : [])]);
  removePlace(place);
  return lab;
}

/** Runs a lab; once again when of all rows only such of latency are not as they should be. */
async function plantedCalmly(id: string, only: readonly string[]): Promise<WholeLab> {
  const lab = await planted(id, only);
  const wrong = [...new Set([...Object.keys(oddRows(lab)), id])].filter((row) => row in oddRows(lab) !== (row === id));
  return wrong.length > 0 && wrong.every(isLatency) ? planted(id, only) : lab;
}

describe('what is planted for a row turns it and no other (once again where a busy machine slowed only latency.*)', () => {
  test.each(calm)('%s', async (id) => {
    const lab = await plantedCalmly(id, calm);
    expect(Object.keys(oddRows(lab)), JSON.stringify(oddRows(lab), null, 2)).toEqual([id]);
    expect([1, 3]).toContain(lab.code);
    expect(lab.document.exit).toBe(lab.code);
  });

  test.each(drilled)('%s, with both drills', async (id) => {
    const lab = await plantedCalmly(id, []);
    expect(Object.keys(oddRows(lab)), JSON.stringify(oddRows(lab), null, 2)).toEqual([id]);
    expect([1, 3]).toContain(lab.code);
    expect(lab.document.exit).toBe(lab.code);
    expect(lab.document.drills.map(({ restored }) => restored)).toEqual([true, true]);
  });
});
