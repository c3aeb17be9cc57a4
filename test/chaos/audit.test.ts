import { describe, expect, test } from 'vitest';
import { audit } from '../../chaos/doctor/audit.ts';
import { Unreachable } from '../../contract/failure.ts';
import type { Json } from '../../contract/json.ts';
import { parseScenario } from '../../scenarios/define.ts';

function region(jurisdiction: string) {
  return { jurisdiction, endpoint: 'https://region.example' };
}
const source = {
  service: 'shop',
  regions: { us: region('US'), eu: region('EU'), ap: region('AP') },
  residency: [{ countries: ['EU', 'GB'], storedIn: ['EU'] }],
  inventory: {
    us: { http: 'https://us.example/inventory' },
    eu: { http: 'https://eu.example/inventory' },
    ap: {
      http: 'https://ap.example/all',
      records: '$.stores[*].rows[*]',
      country: '$.user.country',
      region: '$.where',
    },
  },
};
const scenario = parseScenario(source);

function held(country: string, where: string): Json {
  return { id: `${country}-${where}`, country, region: where };
}

/** Answers from a table; what is not in it cannot be reached. */
function answers(table: Readonly<Record<string, Json>>) {
  return async (url: string): Promise<Json> => {
    const found = table[url];
    if (found === undefined) throw new Unreachable(`${url} could not be read`);
    return found;
  };
}

const sound = {
  'https://us.example/inventory': { records: [held('US', 'us'), held('CA', 'us')] },
  'https://eu.example/inventory': { records: [held('DE', 'eu'), held('DE', 'eu'), held('FR', 'eu')] },
  'https://ap.example/all': { stores: [{ rows: [{ user: { country: 'JP' }, where: 'ap' }] }, { rows: [] }] },
};

describe('an audit', () => {
  test('of data that is where it may be passes, with the count of each region', async () => {
    expect(await audit(scenario, 'DE', answers(sound))).toEqual({
      country: 'DE',
      records: { us: 0, eu: 2, ap: 0 },
      allowed: ['eu'],
      status: 'pass',
      because: 'all 2 records of users of DE in 3 inventories are where they may be, want only eu',
    });
  });

  test('finds a copy in the store of another region, whatever the copy says of itself', async () => {
    const leaked = { ...sound, 'https://us.example/inventory': { records: [held('DE', 'eu')] } };
    expect(await audit(scenario, 'DE', answers(leaked))).toMatchObject({
      records: { us: 1, eu: 3, ap: 0 },
      status: 'fail',
      because: '1 of 4 records of users of DE are outside: 1 in us, want only eu',
    });
  });

  test('believes a record that says it is elsewhere', async () => {
    const told = { ...sound, 'https://eu.example/inventory': { records: [held('DE', 'ap')] } };
    expect(await audit(scenario, 'DE', answers(told))).toMatchObject({ records: { eu: 1, ap: 1 }, status: 'fail' });
  });

  test('reads inventories of another shape by their paths', async () => {
    const astray = {
      ...sound,
      'https://ap.example/all': { stores: [{ rows: [{ user: { country: 'DE' }, where: 'ap' }] }] },
    };
    expect(await audit(scenario, 'DE', answers(astray))).toMatchObject({ records: { ap: 1 }, status: 'fail' });
  });

  test('is not sure while an inventory cannot be read', async () => {
    const { 'https://us.example/inventory': _, ...rest } = sound;
    expect(await audit(scenario, 'DE', answers(rest))).toEqual({
      country: 'DE',
      records: { us: null, eu: 2, ap: 0 },
      allowed: ['eu'],
      status: 'inconclusive',
      because:
        '1 of 3 inventories were not read (us: https://us.example/inventory could not be read); 2 records of users of DE in the others, all where they may be',
    });
  });

  test('is not sure without a record, or without an inventory', async () => {
    expect(await audit(scenario, 'GB', answers(sound))).toMatchObject({
      status: 'inconclusive',
      because: 'no records of users of GB in 3 inventories: nothing shows where they would be',
    });
    const blind = parseScenario({ ...source, inventory: { eu: source.inventory.eu } });
    expect(await audit(blind, 'DE', answers(sound))).toMatchObject({
      records: { us: null, ap: null },
      status: 'inconclusive',
    });
  });

  test('lets users whom no rule names be stored anywhere', async () => {
    expect(await audit(scenario, 'US', answers(sound))).toMatchObject({ allowed: ['us', 'eu', 'ap'], status: 'pass' });
  });
});
