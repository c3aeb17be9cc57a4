/** `blackstart doctor`: reads the options, opens zone and clusters, prints. */
import { lookup } from 'node:dns/promises';
import { kubernetes } from '../../chaos/cloud/kubernetes.ts';
import { type DoctorReport, examine } from '../../chaos/doctor/doctor.ts';
import type { Status } from '../../contract/verdict.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { Io } from '../io.ts';
import { show } from '../lab/show.ts';
import { optionReader } from '../options.ts';
import { type Paint, painter } from '../table.ts';

export type DoctorOptions = { readonly scenario?: string; readonly kubeconfig?: string; readonly json?: boolean };

/** `fail` when a promise of the scenario is broken; `inconclusive` when nothing could be seen. */
export async function doctorCommand(options: DoctorOptions, io: Io): Promise<Status> {
  const reader = optionReader();
  const file = reader.required('--scenario', options.scenario, 'a scenario file');
  reader.check();
  const scenario = await loadScenario(file);
  const clusters = kubernetes(options.kubeconfig ?? io.env['KUBECONFIG'] ?? null, io.clock);
  const zone =
    scenario.zone === null
      ? null
      : await (await import('../../chaos/cloud/route53.ts')).route53(scenario.zone.id, io.clock);
  const screen = show(io.stderr, io.stderr.isTTY === true && options.json !== true, io.clock);
  screen.progress('reading the zone and the clusters');
  try {
    const report = await examine(scenario, {
      clock: io.clock,
      signal: io.signal,
      zone,
      openCluster: (plan) => clusters.open(plan),
      resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    });
    screen.progress('');
    io.stdout.write(
      options.json === true ? `${JSON.stringify(report, null, 2)}\n` : `${textOf(report, painter(io.colour))}\n`,
    );
    return report.status;
  } finally {
    zone?.close();
  }
}

/** What was looked at, what was found with its mend, and what was not seen. */
function textOf({ seen, findings, unseen, roles, status }: DoctorReport, paint: Paint): string {
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const found = findings.flatMap(({ rule, level, says, remedy }) => {
    const line = `${level === 'problem' ? '! ' : '? '}${says} (${rule})`;
    return [paint(line, level === 'problem' ? 'red' : 'yellow'), `    → ${remedy}`];
  });
  const missing = Object.entries(roles).flatMap(([where, text]) => [
    '',
    paint(`# what a drill lacks in ${where}`, 'bold'),
    text.trimEnd(),
  ]);
  const end = status === 'inconclusive' ? 'nothing could be seen' : counted(problems, findings.length - problems);
  return [
    ...seen.map((what) => `looked at ${what}`),
    ...found,
    ...unseen.map((what) => paint(`not seen: ${what}`, 'dim')),
    ...missing,
    paint(`${status}: ${end}`, 'bold'),
  ].join('\n');
}

function counted(problems: number, advice: number): string {
  const breaks =
    problems === 1
      ? '1 finding breaks'
      : `${problems === 0 ? 'no' : problems} ${problems === 0 ? 'finding breaks' : 'findings break'}`;
  return `${breaks} a promise of the scenario, ${advice} ${advice === 1 ? 'is' : 'are'} advice`;
}
