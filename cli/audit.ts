import { Unreachable } from '../contract/failure.ts';
import type { Json } from '../contract/json.ts';
import { exitOfStatus } from './exit.ts';
import { optionReader } from './options.ts';
import type { Register } from './program.ts';
import { table } from './table.ts';

type Options = { readonly userCountry?: string; readonly scenario?: string; readonly json?: boolean };

export const register: Register = (program, io, done) => {
  program
    .command('audit')
    .description("Say where the data of a country's users is, from the inventories of the regions' stores. Reads only.")
    .option('--user-country <code>', 'ISO 3166-1 alpha-2, such as DE')
    .option('--scenario <file>', 'the scenario that names the inventories')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample: blackstart audit --scenario shop.yaml --user-country DE')
    .action(async (options: Options) => {
      const reader = optionReader();
      const country = reader.required('--user-country', options.userCountry, 'a country code, such as DE');
      const file = reader.required('--scenario', options.scenario, 'a scenario file');
      if (country !== '' && !/^[A-Z]{2}$/.test(country))
        reader.mistake({
          place: '--user-country',
          got: JSON.stringify(country),
          want: 'two capital letters, such as DE',
        });
      reader.check();
      const { loadScenario } = await import('../scenarios/load.ts');
      const { audit } = await import('../chaos/doctor/audit.ts');
      const report = await audit(await loadScenario(file), country, fetchJson);
      if (options.json === true) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else {
        const rows = Object.entries(report.records).map(([region, count]) => [
          region,
          count === null ? 'could not be read' : `${count} records`,
        ]);
        io.stdout.write(`${table(rows)}\n${report.status}: ${report.because}\n`);
      }
      done(exitOfStatus(report.status));
    });
};

async function fetchJson(url: string): Promise<Json> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Unreachable(`${url} could not be read`, { cause: error });
  });
  if (!response.ok) throw new Unreachable(`${url} answered ${response.status}`);
  return (await response.json()) as Json;
}
