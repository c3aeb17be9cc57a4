/** Where a drill's evidence begins: what it was decided by, before anything is asked of fleet or cluster. */
import type { Evidence } from '../evidence.ts';
import type { Journal } from '../journal.ts';
import { sentenceOf, Trouble } from '../trouble.ts';
import { onDisk } from './keep.ts';
import type { Prepared } from './prepare.ts';
import type { RecorderStart } from './recorder.ts';
import type { DrillOptions, RunnerDeps } from './types.ts';

export type OpenRecord = { readonly evidence: Evidence; readonly journal: Journal };

/** Rejects with a `Trouble` where evidence cannot be kept: without a journal nothing is touched. */
export async function openRecord(...given: Parameters<typeof begin>): Promise<OpenRecord> {
  try {
    return await begin(...given);
  } catch (error) {
    if (error instanceof Trouble) throw error;
    const [{ evidenceDir }] = given;
    throw new Trouble('wrong-input', `evidence cannot be kept in ${evidenceDir}: ${sentenceOf(error)}`, {
      cause: error,
    });
  }
}

async function begin(
  options: DrillOptions,
  prepared: Prepared,
  start: RecorderStart,
  deps: RunnerDeps,
): Promise<OpenRecord> {
  const keep = deps.keep ?? onDisk;
  const evidence = await keep.openEvidence(options.evidenceDir, prepared.id);
  const journal = await keep.openJournal(evidence.journalPath, deps.clock);
  const { id, region, offset, guard, judgement } = prepared;
  await evidence.write('scenario.json', options.scenario);
  await evidence.write('prediction.json', { ...start.prediction, failback: start.predictedBack ?? {} });
  await evidence.write('guard.json', { ...judgement, facts: guard });
  const { scenario, name, fault } = start;
  const { version } = options;
  await journal.append({ type: 'planned', plan: { id, name, scenario, fault, region, version, offset } });
  return { evidence, journal };
}
