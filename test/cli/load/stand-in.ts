/** A program in the place of k6, which does as a test says: for ends that the real one takes long to come to. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export type StandIn = { readonly dir: string; readonly file: string };

/** `body`: of a program that is run by Node. */
export function standIn(body: string): StandIn {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-stand-in-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'bin'));
  const file = join(dir, 'bin', 'k6');
  writeFileSync(file, `#!${process.execPath}\n${body}\n`);
  chmodSync(file, 0o755);
  return { dir, file };
}

/** What a request looks like on stdout. */
export const requestLine = `'{"metric":"http_req_duration","type":"Point","data":{"time":"' + new Date().toISOString() + '","value":5,"tags":{"expected_response":"true","users":"fresh"}}}\\n'`;

/** As k6 with our extension answers to "version" and "inspect"; `run` is what it does otherwise. */
export function standInK6(given: { readonly version?: string; readonly inspect?: string; readonly run?: string }): StandIn {
  const { version = 'k6 v2.2.0 (go1.26.8, linux/amd64)', inspect = '{}', run = '' } = given;
  return standIn(`
const fs = require('node:fs');
const argv = process.argv.slice(2);
const after = (flag) => argv[argv.indexOf(flag) + 1];
if (argv[0] === 'version') process.stdout.write(${JSON.stringify(`${version}\n`)});
else if (argv[0] === 'inspect') process.stdout.write(${JSON.stringify(inspect)});
else { ${run} }`);
}
