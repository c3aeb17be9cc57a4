/**
 * What the aggregator costs beside its peers, side by side in one run: results committed to disk, what 100,000 series
 * cost to give out and to hold, and how long a restart takes. Whoever is measured has the first core for all its threads.
 * `node bench/aggregator.ts` prints the tables; peers that are not installed are left out, and said.
 */
import { cpus, loadavg } from 'node:os';
import { systemClock } from '../contract/clock.ts';
import { clientExposition, labelSets, ownExposition, peerFederation } from './aggregator/exposition.ts';
import { fleet, ownIngest, peerIngest } from './aggregator/ingest.ts';
import { prometheuses, victoriaMetrics } from './aggregator/peers.ts';
import { bundled, inFolder } from './aggregator/programs.ts';
import { restarted } from './aggregator/restart.ts';
import { type Answered, type Figures, megabytes, table, times } from './aggregator/table.ts';

const started = { atMs: systemClock().wallMs(), load: loadavg()[0] ?? 0 };
const prometheus = prometheuses();

await inFolder(async (dir) => {
  const file = await bundled(dir);
  const ingest: [string, Figures][] = [['Blackstart', await ownIngest(file('measured'))]];
  for (const server of [...prometheus, ...victoriaMetrics()]) ingest.push([server.name, await peerIngest(server)]);
  const own = await ownExposition(file('measured'));
  const answers: [string, Answered][] = [
    ['Blackstart `/metrics`', own.metrics],
    ['Blackstart `/federate`', own.federate],
  ];
  for (const server of prometheus)
    answers.push([`${server.name} \`/federate\``, await peerFederation(server, own.text)]);
  answers.push(['@prometheus-io/client', await clientExposition(file('client'))]);
  const back = await restarted(file('measured'));

  say(
    `${new Date(started.atMs).toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`,
  );
  say(`load ${started.load.toFixed(1)} at the start, ${(loadavg()[0] ?? 0).toFixed(1)} at the end; ${fleet}\n`);
  say(table(['results by', 'a second', 'CPU s per 1 M results', 'of ours', 'RSS'], ingest.map(ingestRow)));
  say('');
  say(
    table([`${labelSets} label sets by`, 'series', 'MB', 'CPU ms', 'of ours', 'time', 'RSS'], answers.map(answerRow)),
  );
  const { pauseMs, pauseP99Ms, perSecond } = own.together;
  say('');
  say(
    table(
      ['what else', 'measured', 'wanted'],
      [
        [
          'longest pause, both asked for all the time',
          `${pauseMs.toFixed(1)} ms (p99 ${pauseP99Ms.toFixed(1)})`,
          '< 20 ms',
        ],
        ['results taken meanwhile', `${Math.round(perSecond).toLocaleString('en')} a second`, ''],
        [
          `restart, ${back.slices.toLocaleString('en')} slices of 30 days, raw log of ${megabytes(back.logBytes)}`,
          `${(back.tookMs / 1_000).toFixed(2)} s, ${(back.cpuMs / 1_000).toFixed(2)} CPU s, ${megabytes(back.rssBytes)} RSS`,
          '< 1 s',
        ],
      ],
    ),
  );

  function ingestRow([name, found]: [string, Figures]): readonly string[] {
    const ours = ingest[0]?.[1].cpuSecondsPerMillion ?? 0;
    const { perSecond: rate, cpuSecondsPerMillion, rssBytes } = found;
    const perMillion = cpuSecondsPerMillion.toFixed(2);
    return [
      name,
      Math.round(rate).toLocaleString('en'),
      perMillion,
      times(cpuSecondsPerMillion, ours),
      megabytes(rssBytes),
    ];
  }

  function answerRow([name, { series, bytes, cpuMs, tookMs, rssBytes }]: [string, Answered]): readonly string[] {
    const size = (bytes / 1e6).toFixed(1);
    const shown = [series.toLocaleString('en'), size, cpuMs.toFixed(0), times(cpuMs, own.metrics.cpuMs)];
    return [name, ...shown, `${tookMs.toFixed(0)} ms`, megabytes(rssBytes)];
  }
});

function say(line: string): void {
  console.log(line);
}
