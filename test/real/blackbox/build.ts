/** Builds blackbox_exporter 0.28.0 into the cache folder, once. A minute on two cores from nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { exporterTarget, moduleDir } from './program.ts';

/** What came of it. Under its name only when it is whole: a build that was cut short leaves nothing that looks built. */
function built(): string {
  const target = exporterTarget();
  if (existsSync(target)) return `blackbox_exporter is built: ${target}`;
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    return 'Go is not installed: blackbox_exporter is not built, and what compares with it is skipped';
  }
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  const argv = ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, 'github.com/prometheus/blackbox_exporter'];
  const { status } = spawnSync('go', argv, {
    cwd: moduleDir,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false' },
  });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    return 'blackbox_exporter could not be built: what compares with it is skipped';
  }
  renameSync(unfinished, target);
  return `built: ${target}`;
}

process.stdout.write(`${built()}\n`);
