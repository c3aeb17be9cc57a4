import { expect, test } from 'vitest';
import { delivery } from '../../../cli/telemetry/delivery.ts';

test('trouble is said when it begins and when it is over, and counted all the while', () => {
  const said: string[] = [];
  const say = (facts: object, message: string): void => void said.push(`${message} ${JSON.stringify(facts)}`);
  const counts = delivery('spans', { info: say, warn: say, error: say });
  counts.note(3, null);
  for (const items of [5, 7]) counts.note(items, 'connect ECONNREFUSED');
  counts.drop(2);
  counts.note(1, null);
  counts.note(1, null);
  expect(said).toEqual([
    'OTLP is not taken {"what":"spans","why":"connect ECONNREFUSED"}',
    'OTLP is taken again {"what":"spans","lost":14}',
  ]);
  expect({ ...counts, note: null, drop: null }).toMatchObject({ sent: 5, lost: 14, taken: 3, failed: 2 });
});
