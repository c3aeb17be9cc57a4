import type { Command } from 'commander';
import { clusterFlag, evidenceFlag, fleetFlags, jsonFlag, scenarioFlag } from './drill/flags.ts';
import type { DrillFlags } from './drill/options.ts';
import type { Io } from './io.ts';
import type { Register } from './program.ts';

type Act = (what: string | undefined, flags: DrillFlags, io: Io) => Promise<number>;

export const register: Register = (program, io, done) => {
  const drill = program.command('drill').description('Take a region away on purpose, time it, and put it back.');
  const add = (command: Command, act: Act): void => {
    command.action(async (...given: unknown[]) => {
      const what = typeof given[0] === 'string' ? given[0] : undefined;
      done(await act(what, command.opts<DrillFlags>(), io));
    });
  };

  add(
    fleetFlags(drill.command('plan'))
      .description('Read clusters, zone and fleet, predict each stage, touch nothing.')
      .argument('[name]', 'a drill of the scenario')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option('--out <file>', 'keep the plan: drill run FILE refuses when the world has moved since')
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText(
        'after',
        '\nExample: blackstart drill plan lose-eu --scenario shop.yaml --aggregator https://blackstart.example:9400 --token-file token',
      ),
    async (what, flags) => (await import('./drill/plan.ts')).planCommand(what, flags, io),
  );
  add(
    fleetFlags(drill.command('run'))
      .description('Inject the fault, time failover and failback, restore, judge.')
      .argument('[name|file]', 'a drill of the scenario, or a file of drill plan --out')
      .option('--times <count>', 'so many, one after the other: a median of each stage with its interval')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText(
        'after',
        '\nExample: blackstart drill run lose-eu --scenario shop.yaml --aggregator https://blackstart.example:9400 --token-file token',
      ),
    async (what, flags) => (await import('./drill/run.ts')).runCommand(what, flags, io),
  );
  add(
    fleetFlags(drill.command('observe'))
      .description('The stopwatch alone: wait for a failover that somebody else causes, and time it.')
      .argument('[name]', 'a drill of the scenario whose region and entries are watched')
      .option(...scenarioFlag)
      .option('--for <duration>', 'give up waiting after this long', '30m')
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText(
        'after',
        '\nExample: blackstart drill observe lose-eu --scenario shop.yaml --aggregator https://blackstart.example:9400',
      ),
    async (what, flags) => (await import('./drill/observe.ts')).observeCommand(what, flags, io),
  );
  add(
    fleetFlags(drill.command('recover'))
      .description('Find what a drill left open, with or without its journal, and mend it.')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText('after', '\nExample: blackstart drill recover --scenario shop.yaml'),
    async (_what, flags) => (await import('./drill/mend.ts')).recoverCommand(flags, io),
  );
  add(
    drill
      .command('list')
      .description('Drills of the evidence directory, and those open in the clusters of a scenario.')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText('after', '\nExample: blackstart drill list --scenario shop.yaml'),
    async (_what, flags) => (await import('./drill/mend.ts')).listCommand(flags, io),
  );
  add(
    drill
      .command('stop')
      .description('Ask the runner of a drill, on whatever machine, to stop and restore.')
      .argument('<id>', 'the id that drill run printed')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option('--because <text>', 'the reason, for the record')
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText('after', '\nExample: blackstart drill stop lose-eu-20261121t100000-3f2a --scenario shop.yaml'),
    async (what, flags) => (await import('./drill/mend.ts')).stopCommand(what ?? '', flags, io),
  );
  add(
    fleetFlags(drill.command('trend'))
      .description('Each stage over past drills: median, slope, and whether the last is unlike the others.')
      .argument('[name]', 'the name of the drills')
      .option(...evidenceFlag)
      .option(...jsonFlag)
      .addHelpText('after', '\nExample: blackstart drill trend lose-eu --evidence .blackstart/drills'),
    async (what, flags) => (await import('./drill/trend.ts')).trendCommand(what, flags, io),
  );
  add(
    fleetFlags(drill.command('serve'))
      .description('Run the drills of a scenario when they are due by their schedules.')
      .option(...scenarioFlag)
      .option(...clusterFlag)
      .option('--listen <host:port>', 'for /metrics, /-/healthy and /-/ready', '127.0.0.1:0')
      .option(...evidenceFlag)
      .addHelpText(
        'after',
        '\nExample: blackstart drill serve --scenario shop.yaml --aggregator https://blackstart.example:9400 --token-file token',
      ),
    async (_what, flags) => (await import('./drill/serve.ts')).serveCommand(flags, io),
  );
  add(
    drill
      .command('judge')
      .description('Recompute a verdict from its evidence.')
      .argument('<dir>', 'the evidence of one drill')
      .option(...jsonFlag)
      .addHelpText('after', '\nExample: blackstart drill judge .blackstart/drills/lose-eu-20261121t100000-3f2a'),
    async (what, flags) => (await import('./drill/mend.ts')).judgeCommand(what ?? '', flags, io),
  );
};
