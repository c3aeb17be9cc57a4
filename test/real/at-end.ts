/** What has to end with a test file, also when it was started in a hook: Vitest hears of an `afterAll` only while it collects. */
import { afterAll } from 'vitest';

const endings: (() => Promise<void> | void)[] = [];

afterAll(async () => {
  const failures: unknown[] = [];
  for (const end of endings.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything ended');
});

/** The last one first; all of them, also when one fails. */
export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}
