import type { RestorerEnd } from '../chaos/restorer.ts';
import { hashOf } from '../contract/random.ts';
import { exitCodes } from './exit.ts';
import type { Io } from './io.ts';
import { optionReader } from './options.ts';
import type { Register } from './program.ts';

type Options = {
  readonly drill?: string;
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
};

export const register: Register = (program, io, done) => {
  program
    .command('restorer')
    .description('Watch over a drill from inside its cluster, and put the region back when the runner falls silent.')
    .option('--drill <id>', 'the id that drill run printed')
    .option('--namespace <name>', "where the drill's workloads are (default: the pod's, or the context's)")
    .option('--context <name>', 'a context of the kubeconfig (default: the current one)')
    .option('--kubeconfig <file>', "default: where kubectl looks, then the pod's service account")
    .addHelpText(
      'after',
      '\nDrills start it by themselves, as a Job. A runner is silent when it has not renewed its Lease for as long as that lasts.' +
        '\nExample: blackstart restorer --drill lose-eu-20261121t100000-3f2a --namespace shop',
    )
    .action(async (options: Options) => {
      const reader = optionReader();
      const drill = reader.required('--drill', options.drill, 'the id of a drill');
      reader.check();
      done(await watchOver(drill, options, io));
    });
};

async function watchOver(drill: string, options: Options, io: Io): Promise<number> {
  const { kubernetes } = await import('../chaos/cloud/kubernetes.ts');
  const { runRestorer } = await import('../chaos/restorer.ts');
  const { restorerNotices, restorerNotifyIn } = await import('../chaos/notify/restorer.ts');
  const { notifier } = await import('../chaos/notify/notifier.ts');
  const clouds = kubernetes(options.kubeconfig ?? io.env['KUBECONFIG'] ?? null, io.clock);
  const cluster = await clouds.open({ context: options.context ?? null, namespace: options.namespace ?? null });
  const instance = hashOf(`${io.random()}${io.random()}`).toString(16).padStart(8, '0');
  const where = { drill, instance, context: cluster.context, namespace: cluster.namespace };
  io.log.info(where, 'watching over the drill');
  try {
    const message = (text: string): void => io.log.warn({ drill }, text);
    const told = restorerNotifyIn(io.env['BLACKSTART_NOTIFY']);
    const deps = { clock: io.clock, message };
    const notices = told === null ? null : restorerNotices(told, notifier(told.targets, deps), io.clock);
    const own = { cluster, clock: io.clock, instance, signal: io.signal, message };
    const end = await runRestorer(drill, { ...own, ...(notices !== null && { notices }) });
    await notices?.ended(end);
    io.log.info({ drill, ...end }, saidOf(end));
    io.stdout.write(`${saidOf(end)}\n`);
    return exits[end.kind];
  } finally {
    cluster.close();
  }
}

const exits: { readonly [K in RestorerEnd['kind']]: number } = {
  over: exitCodes.pass,
  restored: exitCodes.pass,
  'not-restored': exitCodes.notRestored,
  unknown: exitCodes.inconclusive,
};

function saidOf(end: RestorerEnd): string {
  switch (end.kind) {
    case 'over':
    case 'unknown':
      return end.because;
    case 'restored':
      return [end.changed ? 'replicas were put back' : 'replicas were right', ...end.notes].join('; ');
    case 'not-restored':
      return `needs a person: ${end.left.join('; ')}`;
  }
}
