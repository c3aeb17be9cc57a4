/** The trace of a drill, written out when it is over, where the environment asks for one. */
import { join } from 'node:path';
import { files } from '../../chaos/evidence.ts';
import { readJournal } from '../../chaos/journal.ts';
import type { Outcome } from '../../chaos/run.ts';
import { drillTrace, writeTrace } from '../../chaos/trace.ts';
import { messageOf } from '../../contract/failure.ts';
import { spanOfDrill } from '../../contract/tracing.ts';
import type { Io } from '../io.ts';
import { telemetrySettings } from '../telemetry/settings.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';

/** Throws `Mistakes` before anything has begun, where the environment asks for what cannot be done. */
export function traceable(io: Io): void {
  telemetrySettings(io.env);
}

/** From the evidence: a drill without any has no trace. Never rejects: a drill that is over stays what it was. */
export async function traceDrill({ evidence, report }: Outcome, io: Io): Promise<void> {
  if (evidence === null) return;
  try {
    const telemetry = await startTelemetry(
      {
        service: 'blackstart-drill',
        instance: report.id,
        attributes: { 'blackstart.scenario': report.scenario },
        wants: { traces: true, metrics: false },
        first: spanOfDrill(report.id),
      },
      io,
    );
    if (telemetry.tracing === undefined) return;
    const trace = drillTrace(await readJournal(join(evidence, files.journal)), report);
    if (trace !== null) writeTrace(telemetry.tracing, trace);
    await telemetry.stop();
  } catch (error) {
    io.log.warn({ drill: report.id, why: messageOf(error) }, 'the trace of the drill is not written out');
  }
}
