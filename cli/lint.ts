import { exitOfStatus } from './exit.ts';
import type { LintOptions } from './lint/command.ts';
import { gathered } from './options.ts';
import type { Register } from './program.ts';

export const register: Register = (program, io, done) => {
  program
    .command('lint')
    .description('Say what the objectives of a scenario can and cannot do, and play incidents against them.')
    .option('--scenario <file>', 'whose objectives')
    .option(
      '--aggregator <url>',
      'count the vantages that are connected there, instead of those of the scenario',
      gathered,
    )
    .option('--token-file <file>', 'its token, where reading needs one')
    .option(
      '--incident <what>',
      'rate=SHARE,regions=N,for=DURATION: when each alert fires, and what is left of the budget',
    )
    .option('--every <intervals>', 'probe intervals to compare, such as 30s,1m,5m, instead of the checks’ own')
    .option('--runs <n>', 'how often an incident is played, where chance decides', '100')
    .option('--seed <n>', 'replays the same chances', '1')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExamples: blackstart lint --scenario shop.yaml\n          blackstart lint --scenario shop.yaml --incident rate=0.2,regions=1,for=20m --every 30s,1m,5m',
    )
    .action(async (options: LintOptions) => {
      const { lintCommand } = await import('./lint/command.ts');
      done(exitOfStatus(await lintCommand(options, io)));
    });
};
