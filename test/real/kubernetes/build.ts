/** Builds the real cluster's programs into the cache folder, once. Ten minutes on two cores from nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Binary, binaries, cacheDir, modulesDir, pathOf } from './binaries.ts';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The version that the API server says of itself: that of its module. */
function linkerFlags({ module }: Binary): string {
  const text = readFileSync(join(modulesDir, module, 'go.mod'), 'utf8');
  const version = /k8s\.io\/kubernetes (v\S+)/.exec(text)?.[1];
  return version === undefined ? '-s -w' : `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
}

/** Under its name only when it is whole: a build that was cut short leaves nothing that looks built. */
function build(binary: Binary): boolean {
  const target = pathOf(binary.name);
  const unfinished = `${target}.${process.pid}`;
  const argv = ['build', '-trimpath', '-ldflags', linkerFlags(binary), '-o', unfinished, binary.package];
  const { status } = spawnSync('go', argv, {
    cwd: join(modulesDir, binary.module),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false' },
  });
  if (status === 0) renameSync(unfinished, target);
  else rmSync(unfinished, { force: true });
  return status === 0;
}

function buildAll(): number {
  const missing = binaries.filter(({ name }) => !existsSync(pathOf(name)));
  if (missing.length === 0) {
    say(`all is built: ${cacheDir()}`);
    return 0;
  }
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    say('Go is not installed: the Kubernetes API server is not built, and its tests are skipped');
    return 0;
  }
  mkdirSync(cacheDir(), { recursive: true });
  for (const binary of missing) {
    say(`building ${binary.name}`);
    if (!build(binary)) {
      say(`${binary.name} could not be built`);
      return 1;
    }
  }
  say(`built: ${cacheDir()}`);
  return 0;
}

process.exitCode = buildAll();
