import type { DoctorOptions } from './doctor/command.ts';
import { exitOfStatus } from './exit.ts';
import type { Register } from './program.ts';

export const register: Register = (program, io, done) => {
  program
    .command('doctor')
    .description('Look at the live zone with each region dark in turn, and at the clusters. Reads only.')
    .option('--scenario <file>', 'what is promised, and where the zone and the clusters are')
    .option('--kubeconfig <file>', 'the clusters; absent: where kubectl looks')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample: blackstart doctor --scenario shop.yaml')
    .action(async (options: DoctorOptions) => {
      const { doctorCommand } = await import('./doctor/command.ts');
      done(exitOfStatus(await doctorCommand(options, io)));
    });
};
