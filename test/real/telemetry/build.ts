/** Builds the OpenTelemetry collector into the cache folder, once. Two minutes on two cores from nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { collectorProgram, moduleDir } from './collector.ts';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Under its name only when it is whole: a build that was cut short leaves nothing that looks built. */
function build(): number {
  const target = collectorProgram();
  if (existsSync(target)) {
    say(`the collector is built: ${target}`);
    return 0;
  }
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    say('Go is not installed: the OpenTelemetry collector is not built, and its tests are skipped');
    return 0;
  }
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  const { status } = spawnSync('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, '.'], {
    cwd: moduleDir,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false' },
  });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    say('the OpenTelemetry collector could not be built: its tests are skipped');
    return 0;
  }
  renameSync(unfinished, target);
  say(`built: ${target}`);
  return 0;
}

process.exitCode = build();
