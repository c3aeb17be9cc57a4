/** docs/agent.md is the page of the program that there is: its flags, its metrics, its targets and its defaults. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../contract/clock.ts';
import { silent } from '../../contract/log.ts';
import { seededRandom } from '../../contract/random.ts';
import { parseBytes } from '../../contract/units.ts';
import { startAgent } from '../../probes/agent.ts';
import { targetLimits } from '../../probes/limits.ts';
import { reloads } from '../../probes/reloaded.ts';
import { secretPrefix } from '../../probes/secrets.ts';
import { defaultSpoolBytes } from '../../probes/spool.ts';
import { command } from '../fakes/command-line.ts';
import { codeIn, flowing, rowsOf } from './pages.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/agent.md'), 'utf8');

test('its flags are those of the program', async () => {
  const { stdout } = await command(['agent', '--help']);
  const flags = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag);
  const named = rowsOf(page, 'flag').flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, flag]) => flag));
  expect(named.toSorted()).toEqual(flags.toSorted());
});

test('its metrics are those of the program', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'blackstart-docs-'));
  const clock = systemClock();
  const agent = await startAgent(
    {
      ...{ agent: 'a', vantage: 'a', region: 'r', version: '0', aggregator: null, token: null, ca: null, stateDir },
      ...{ resolver: { host: '127.0.0.1', port: 9 }, sourceAddress: null, ledgerFile: null },
      listen: { host: '127.0.0.1', port: 0 },
      reloads: reloads({ clock, log: silent }),
    },
    { clock, random: seededRandom(1), log: silent },
  );
  const metrics = await (await fetch(`${agent.url}/metrics`)).text();
  await agent.stop();
  rmSync(stateDir, { recursive: true });
  const told = [...metrics.matchAll(/^# TYPE (blackstart_\S+)/gm)].map(([, name]) => name);
  const named = rowsOf(page, 'metric').flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  // Those are there where attempts are traced.
  const traced = ['blackstart_agent_spans_sent', 'blackstart_agent_spans_lost'];
  expect(named.toSorted()).toEqual([...told, ...traced].toSorted());
});

test('each target that it shows is one', () => {
  const shown = rowsOf(page, 'target').flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, target = '']) => target),
  );
  expect(shown.length).toBeGreaterThan(8);
  const wrong: string[] = [];
  targetLimits({ allowed: shown }, ({ got }) => wrong.push(got));
  expect(wrong).toEqual([]);
  for (const [, address = ''] of flowing(page).matchAll(
    /`(169\.254\.169\.254|fd00:ec2::254|100\.100\.100\.200|168\.63\.129\.16)`/g,
  ))
    expect(targetLimits({ allowed: [] }, () => undefined).refusal(address, 80)).toMatch('metadata');
});

test('its sizes and names are right', () => {
  expect(codeIn(rowsOf(page, 'flag').find(([cell]) => cell?.includes('--spool-size'))?.[1] ?? '')).toBe('64MiB');
  expect(parseBytes('64MiB')).toBe(defaultSpoolBytes);
  expect(flowing(page)).toContain(`a variable's name begins with \`${secretPrefix}\``);
});
