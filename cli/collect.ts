/** Starting an aggregator for a command: what keeps it from starting is for the user to mend. */
import type { AggregatorOptions, RunningAggregator } from '../aggregator/aggregator.ts';
import { Trouble } from '../chaos/trouble.ts';
import type { Io } from './io.ts';

/** Throws a `Trouble` when the address or the state directory cannot be used. */
export async function collect(options: AggregatorOptions, io: Io): Promise<RunningAggregator> {
  const { startAggregator } = await import('../aggregator/aggregator.ts');
  const { ListenFailed } = await import('../aggregator/listen.ts');
  const { StoreFailed } = await import('../aggregator/store/store.ts');
  try {
    return await startAggregator(options, io);
  } catch (error) {
    if (error instanceof ListenFailed || error instanceof StoreFailed)
      throw new Trouble('wrong-input', error.message, { cause: error });
    throw error;
  }
}
