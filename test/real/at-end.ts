/** What has to end with a test file, also when it was started in a hook: Vitest hears of an `afterAll` only while it collects. */
import { afterAll } from 'vitest';
import { closers } from '../../lab/closers.ts';

const endings = closers();
afterAll(() => endings.close());

/** The last one first; all of them, also when one fails. */
export function atEnd(end: () => Promise<void> | void): void {
  endings.add({ close: end });
}
