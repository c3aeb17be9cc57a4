/** Builds k6 2.2.0 with our resolver into the cache folder, once: two minutes on two cores from nothing. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { builtK6 } from '../../cli/load/program.ts';

const source = import.meta.dirname;
const target = builtK6(process.env);
/** What it was built from: it is built again when that has changed. */
const keyFile = `${target}.key`;

/** Hashes all that it is made from. */
function keyOf(): string {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => /\.go$|^go\.\w+$/.test(name));
  const hash = createHash('sha256');
  for (const name of files.toSorted()) hash.update(`${name}\0`).update(readFileSync(join(source, name)));
  return hash.digest('hex');
}

type Built = { readonly ok: boolean; readonly text: string };

/** Under its name only when it is whole: a build that was cut short leaves nothing that looks built. */
function built(): Built {
  const key = keyOf();
  const same = existsSync(target) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key;
  if (same) return { ok: true, text: `k6 is built: ${target}` };
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    return { ok: false, text: 'Go is not installed (1.25 or later is needed): k6 is not built, and drills run without load' };
  }
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  const argv = ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, './cmd'];
  const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false' };
  const { status } = spawnSync('go', argv, { cwd: source, stdio: ['ignore', 'ignore', 'inherit'], env });
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    return { ok: false, text: 'k6 could not be built, as Go says above' };
  }
  renameSync(unfinished, target);
  writeFileSync(keyFile, key);
  return { ok: true, text: `built: ${target}` };
}

const { ok, text } = built();
process.stdout.write(`${text}\n`);
if (!ok) process.exitCode = 1;
