/** The end of a run: rows, where the evidence lies, and the exit code. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../../contract/verdict.ts';
import type { Facts } from '../../scenarios/world.ts';
import { never, untilEnd } from '../daemon.ts';
import { exitCodes, exitOfStatus, worstExit } from '../exit.ts';
import { painter, rowTable } from '../table.ts';
import type { Run } from './run.ts';

export async function finish(run: Run, facts: Facts): Promise<number> {
  const { request, world, io, file } = run;
  const rows = world.rows(facts).filter((row) => wanted(run, row));
  const exit = exitOf(rows, facts);
  const { world: name, profile, factor, seed, evidence } = file;
  const document = { world: name, profile, factor, seed, rows, drills: facts.drills, evidence, exit };
  writeFileSync(join(request.outDir, 'rows.json'), `${JSON.stringify(document, null, 2)}\n`);
  if (request.json) io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  const odd = rows.filter((row) => row.status !== row.expected);
  run.show.line('');
  if (rows.length > 0) run.show.line(rowTable(rows, painter(io.colour && !request.json)));
  run.show.line('');
  run.show.line(
    `${rows.length - odd.length} of ${rows.length} rows as expected${odd.length === 0 ? '' : `; not: ${odd.map((row) => row.id).join(', ')}`}`,
  );
  run.show.line(`evidence: ${evidence}`);
  if (request.keep && !io.signal.aborted) {
    run.show.line(`the world goes on until Ctrl-C: ${join(request.outDir, 'world.json')}`);
    await untilEnd(io.signal, never);
  }
  return exit;
}

/** Rows that need a drill that was not asked for are left out. */
function wanted({ request, world }: Run, row: Row): boolean {
  if (request.only !== null && !request.only.includes(row.id)) return false;
  const { drills } = request;
  return drills === null || world.drillsFor(row.id).every((name) => drills.includes(name));
}

/** Every row as expected is a pass; of the others the worst counts, and a region that was not put back before all. */
function exitOf(rows: readonly Row[], facts: Facts): number {
  if (facts.drills.some((drill) => drill.status === 'over' && !drill.restored)) return exitCodes.notRestored;
  const odd = rows.filter((row) => row.status !== row.expected);
  return odd.length === 0
    ? exitCodes.pass
    : worstExit(odd.map((row) => exitOfStatus(row.status === 'pass' ? 'fail' : row.status)));
}
