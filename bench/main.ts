/** Runs the benchmarks, one process each: `npm run bench`, or `npm run bench -- agent`. */
import { spawnSync } from 'node:child_process';

const all = ['agent', 'exporter', 'start', 'aggregator', 'slo', 'drill'];
const asked = process.argv.slice(2);
for (const name of asked.length === 0 ? all : asked) {
  const { status } = spawnSync(process.execPath, [`bench/${name}.ts`], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
