import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run, start } from '../fakes/program.ts';
import { workshop } from './workshop.ts';

const shop = workshop();

test('an agent with modules needs neither aggregator nor vantage, and reads them again on SIGHUP', async () => {
  const file = shop.file('blackbox.yml', 'modules: {first: {prober: tcp}}');
  const agent = start(['agent', '--modules', file, '--listen=127.0.0.1:0']);
  try {
    const [, url = ''] = await agent.said(/"url":"([^"]+)"/);
    const shown = async (): Promise<string> => (await fetch(`${url}/config`)).text();
    expect(await shown()).toContain('first:');
    writeFileSync(file, 'modules: {typo: {prober: tcp, nothing: 1}}');
    agent.kill('SIGHUP');
    await agent.said(/it cannot be used any more/);
    expect(await shown()).toContain('first:');
    writeFileSync(file, 'modules: {second: {prober: tcp}}');
    agent.kill('SIGHUP');
    await agent.said(/it can be used again/);
    expect(await shown()).toContain('second:');
  } finally {
    agent.kill('SIGTERM');
  }
  expect((await agent.ended).code).toBe(0);
});

test('modules that cannot be loaded, and options that mean nothing, are mistakes', async () => {
  const file = shop.file('bad.yml', 'modules: {m: {prober: tcp, nothing: 1}}');
  const bad = await run(['agent', '--modules', file]);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('nothing');
  const wrong = await run([
    'agent',
    '--modules',
    file,
    '--timeout-offset=soon',
    '--probe-log=loud',
    '--history-limit=-1',
  ]);
  expect(wrong.code).toBe(2);
  for (const option of ['--timeout-offset', '--probe-log', '--history-limit']) expect(wrong.stderr).toContain(option);
});
