/** A real agent process and the files that are replaced under it. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { newAuthority } from '../fakes/pki.ts';
import type { Running } from '../fakes/program.ts';
import { listeningUrl, metric, workshop } from './workshop.ts';

const shop = workshop();

test('SIGHUP reads the files again: a bad one keeps the old, and says so in a metric and a line', async () => {
  const { caPem } = await newAuthority('ca', systemClock().wallMs());
  const ca = shop.file('ca.pem', caPem);
  const token = shop.file('token', 'one');
  const agent = shop.start([
    'agent',
    '--vantage=v1',
    '--region=r1',
    '--aggregator=http://127.0.0.1:9',
    `--token-file=${token}`,
    `--ca=${ca}`,
    '--resolver=127.0.0.1:9',
    `--state=${join(shop.dir, 'agent')}`,
  ]);
  const url = await listeningUrl(agent);
  const used = (file: string) =>
    metric(url, new RegExp(`^blackstart_agent_config_last_reload_successful\\{file="${file}"\\}`));
  expect([await used(ca), await used(token)]).toEqual([1, 1]);

  shop.file('ca.pem', 'no certificate');
  agent.kill('SIGHUP');
  await saidAfter(agent, 'SIGHUP: some files cannot be used');
  expect([await used(ca), await used(token)]).toEqual([0, 1]);
  expect(agent.stderr()).toContain('want certificates in PEM');
  expect(await metric(url, /^blackstart_agent_config_last_reload_success_timestamp_seconds\{/)).toBeGreaterThan(0);

  shop.file('ca.pem', caPem);
  agent.kill('SIGHUP');
  await saidAfter(agent, 'SIGHUP: the files were read again');
  expect(await used(ca)).toBe(1);

  // Without SIGHUP too, a second later.
  shop.file('token', '');
  await saidAfter(agent, `"what":"${token}","why":"the file is empty"`);
  expect([await used(ca), await used(token)]).toEqual([1, 0]);
  agent.kill('SIGTERM');
  expect((await agent.ended).code).toBe(0);
});

function saidAfter(agent: Running, text: string): Promise<unknown> {
  return agent.said(new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
