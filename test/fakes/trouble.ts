import { Trouble } from '../../chaos/trouble.ts';

/** The trouble that work ends in; fails where it ends well, or otherwise. */
export async function troubleOf(work: Promise<unknown>): Promise<Trouble> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Trouble) return error;
  throw new Error(`no trouble: ${String(error)}`);
}
