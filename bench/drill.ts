/**
 * `node bench/drill.ts [--drills 200] [--seed 1] [--beside 3] [--only simulated|lab|overhead]`: seeded drills in simulated
 * time; as many in labs with real sockets, some beside each other; and what a drill of nine regions costs between its
 * bursts. Exits 1 when the bounds of any stage miss the truth.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { labDrills } from './drill/crew.ts';
import { overhead } from './drill/overhead.ts';
import { simulatedDrills } from './drill/simulated.ts';

const { values } = parseArgs({
  options: {
    drills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    beside: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});
const [drills, seed, beside] = [Number(values.drills), Number(values.seed), Number(values.beside)];
const wanted = (part: string): boolean => values.only === '' || values.only === part;

let right = true;
if (wanted('simulated')) right = simulatedDrills(drills, seed) && right;
if (wanted('lab')) right = (await labDrills({ drills, seed, beside })) && right;
if (wanted('overhead')) overhead();
if (!right) process.exitCode = 1;
