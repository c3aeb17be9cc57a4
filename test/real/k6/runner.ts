/** A process that starts k6 as a drill does, and is killed by a test: what becomes of k6 then. */
import { startK6 } from '../../../cli/load/process.ts';
import { systemClock } from '../../../contract/clock.ts';

const [, , file = '', script = '', summaryFile = ''] = process.argv;
const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
const load = startK6(
  {
    ...{ file, argv: ['run', '--quiet', '--out', 'json=-', script], env, summaryFile, boundMs: 600_000 },
    about: { program: 'k6', script, wanted: {} },
    onEnd: () => undefined,
  },
  systemClock(),
);
const clock = systemClock();
const look = (): void => {
  if (load.began()) process.stdout.write('began\n');
  else clock.after(20, look);
};
look();
