import type { Register } from './program.ts';

export const register: Register = (program, io, done) => {
  const generate = program.command('generate').description('Write what other programs read, from a scenario.');
  generate
    .command('openslo')
    .description('The objectives as OpenSLO v1, for other programs; what it cannot say is told.')
    .option('--scenario <file>', 'whose objectives they are')
    .option('--out <file>', 'where they are written; on stdout by default')
    .option('--prometheus <url>', 'where they reach the Prometheus that has our metrics', 'http://prometheus:9090')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample: blackstart generate openslo --scenario shop.yaml --out slo/shop.yaml')
    .action(async (options) => {
      const { openSloCommand } = await import('./generate/openslo.ts');
      done(await openSloCommand(options, io));
    });
  generate
    .command('objectives')
    .description('The objectives that files of OpenSLO v1 and Sloth (prometheus/v1) say, as a scenario has them.')
    .argument('<file...>', 'files that may refer to each other')
    .option('--scenario <file>', 'whose checks and regions they have to name')
    .option('--window <duration>', 'where a file says none; 30d for Sloth')
    .option('--check <name>', 'whose results stand for queries over other metrics than ours')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample: blackstart generate objectives slo/*.yaml --scenario shop.yaml --check home')
    .action(async (files, options) => {
      const { objectivesCommand } = await import('./generate/openslo.ts');
      done(await objectivesCommand(files, options, io));
    });
  generate
    .command('dashboards')
    .description('The fleet and the drill dashboard for Grafana, with the files that provision them.')
    .option('--scenario <file>', 'whose regions, checks and objectives they show')
    .option('--out <dir>', 'where the files are written', '.blackstart/grafana')
    .option('--aggregator <url>', 'where people reach the aggregator: the dashboards lead there')
    .option('--prometheus <url>', 'where Grafana reaches Prometheus', 'http://prometheus:9090')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample: blackstart generate dashboards --scenario shop.yaml --out grafana --aggregator https://blackstart.example:9400',
    )
    .action(async (options) => {
      const { dashboardsCommand } = await import('./generate/dashboards.ts');
      done(await dashboardsCommand(options, io));
    });
  generate
    .command('rules')
    .description('Recording and alerting rules for Prometheus, with their unit tests, and a route for Alertmanager.')
    .option('--scenario <file>', 'whose objectives and regions they watch')
    .option('--out <dir>', 'where the files are written', '.blackstart/prometheus')
    .option('--aggregator <url>', 'where people reach the aggregator: alerts lead to its verdicts')
    .option('--runbooks <url>', 'where the pages of docs/runbooks can be read: alerts lead there')
    .option('--job <name>', 'the scrape that brings the metrics, where Prometheus has several scenarios')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample: blackstart generate rules --scenario shop.yaml --out prometheus --runbooks https://wiki.example/blackstart',
    )
    .action(async (options) => {
      const { rulesCommand } = await import('./generate/rules.ts');
      done(await rulesCommand(options, io));
    });
  generate
    .command('k6')
    .description('The load of a drill for the k6 operator: a TestRun and the ConfigMap with its script.')
    .option('--scenario <file>', 'whose drill it is')
    .option('--drill <name>', 'which of the drills that have a load')
    .option('--out <file>', 'where it is written; on stdout by default')
    .option('--namespace <name>', 'where it runs', 'blackstart')
    .option('--image <name>', 'a k6 of your own, such as one with deploy/k6; by default the operator’s')
    .option('--runners <n>', 'pods that share the load', '1')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExample: blackstart generate k6 --scenario shop.yaml --drill lose-eu --out k6/lose-eu.yaml',
    )
    .action(async (options) => {
      const { k6Command } = await import('./generate/k6.ts');
      done(await k6Command(options, io));
    });
};
