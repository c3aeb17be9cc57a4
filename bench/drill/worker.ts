/** One lab after the other, in a process of its own: a seed comes in as a message, what its drill showed goes back. */
import process from 'node:process';
import { labDrill } from './lab.ts';
import { type Row, rowsOf, type Told } from './row.ts';
import { labSettings } from './settings.ts';

export type Answer = { readonly told: Told; readonly rows: readonly Row[] };

process.on('message', (order: { readonly seed: number; readonly evidenceDir: string }) => {
  const { seed, evidenceDir } = order;
  labDrill(labSettings(seed), evidenceDir, async (drill) => {
    const { report, exit } = drill.outcome;
    return { told: { seed, exit, because: report.verdict.because, tookMs: drill.tookMs }, rows: await rowsOf(drill) };
  }).then(
    (answer: Answer) => process.send?.(answer),
    (error: unknown) => {
      const told: Told = { seed, exit: -1, because: String(error), tookMs: 0 };
      process.send?.({ told, rows: [] } satisfies Answer);
    },
  );
});
