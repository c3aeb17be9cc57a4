import { join, resolve } from 'node:path';
import { exitCodes } from './exit.ts';
import { Interrupted } from './interrupt.ts';
import type { Io } from './io.ts';
import { optionReader } from './options.ts';
import type { Register } from './program.ts';

type Options = {
  readonly profile: string;
  readonly seed?: string;
  readonly only?: string[];
  readonly drill?: string[];
  readonly plant?: string;
  readonly keep?: boolean;
  readonly out?: string;
  readonly json?: boolean;
};

/** All that a run of the lab was asked for. */
export type LabRequest = {
  readonly world: string;
  readonly profile: 'fast' | 'real';
  readonly seed: number;
  /** Row ids to judge; `null` for all. */
  readonly only: readonly string[] | null;
  /** Drills to run; `null` for all of the scenario. */
  readonly drills: readonly string[] | null;
  readonly plant: string | null;
  readonly keep: boolean;
  readonly outDir: string;
  readonly json: boolean;
};

export const register: Register = (program, io, done) => {
  program
    .command('lab')
    .description('Run a whole multi-region world on loopback, make its drills, and print what held.')
    .argument('[world]', 'the design to run', 'agent-api')
    .option('--profile <name>', 'fast (time divided by the world’s factor) or real', 'fast')
    .option('--seed <n>', 'replays chance: 0 to 4294967295 (default: a new one, printed)')
    .option('--only <id...>', 'judge only these rows; drills that they do not need are left out')
    .option(
      '--drill <name>',
      'run only this drill, and may be given again; none runs none',
      (name: string, before: string[] = []) => [...before, name],
    )
    .option('--plant <id>', 'break the world so that this row turns red')
    .option('--keep', 'go on until Ctrl-C after the rows are in')
    .option('--out <dir>', 'where everything is written (default: .blackstart/<run>)')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample: blackstart lab agent-api --drill lose-us-east-1 --seed 7 --out run')
    .action(async (world: string, options: Options) => {
      const request = await requestOf(world, options, io);
      const { runLab } = await import('./lab/run.ts');
      try {
        done(await runLab(request, io));
      } catch (error) {
        if (!(io.signal.aborted && error === io.signal.reason)) throw error;
        done(error instanceof Interrupted ? exitCodes.interrupted : exitCodes.bug);
      }
    });
};

async function requestOf(world: string, options: Options, io: Io): Promise<LabRequest> {
  const { worlds } = await import('../scenarios/worlds.ts');
  const reader = optionReader();
  const found = worlds[world];
  if (found === undefined)
    reader.mistake({ place: 'world', got: JSON.stringify(world), want: Object.keys(worlds).join(' or ') });
  const rows = Object.keys(found?.plants ?? {});
  const known = (option: string, ids: readonly string[], allowed: readonly string[]): void => {
    for (const id of ids)
      if (!allowed.includes(id))
        reader.mistake({ place: option, got: JSON.stringify(id), want: `one of ${allowed.join(', ')}` });
  };
  const drills = options.drill ?? null;
  if (found !== undefined) {
    known('--only', options.only ?? [], rows);
    known('--plant', options.plant === undefined ? [] : [options.plant], rows);
    if (drills !== null) known('--drill', drills, [...found.drills, 'none']);
  }
  const profile = reader.oneOf('--profile', options.profile, ['fast', 'real'] as const);
  const seed =
    options.seed === undefined
      ? Math.floor(io.random() * 4_294_967_296)
      : reader.whole('--seed', options.seed, { from: 0, to: 4_294_967_295 });
  if (options.out !== undefined) reader.folder('--out', options.out);
  reader.check();
  const run = `${new Date(io.clock.wallMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${seed}`;
  return {
    world,
    profile,
    seed,
    only: options.only ?? null,
    drills: drills === null ? null : drills.filter((name) => name !== 'none'),
    plant: options.plant ?? null,
    keep: options.keep === true,
    outDir: resolve(options.out ?? join('.blackstart', run)),
    json: options.json === true,
  };
}
