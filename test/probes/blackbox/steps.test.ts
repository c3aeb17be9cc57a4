import { expect, test } from 'vitest';
import { parseModules } from '../../../probes/blackbox/config/parse.ts';
import { dialogueSteps } from '../../../probes/blackbox/series/dialogue.ts';

test('bytes that are no text are sent and expected as they were written', () => {
  const hello = Buffer.from([0xff, 0x00, 0x2f]);
  const step = `{ send: !!binary ${hello.toString('base64')}, expect_bytes: !!binary ${hello.toString('base64')} }`;
  const parsed = parseModules(
    `modules:\n  raw:\n    prober: tcp\n    tcp:\n      query_response:\n        - ${step}\n`,
  );
  if (!parsed.ok) throw new Error(parsed.mistake);
  const [found] = dialogueSteps(parsed.modules.get('raw')?.tcp.queryResponse ?? []);
  expect(found).toEqual({ expectBytes: hello, sendBytes: Buffer.from([0xff, 0x00, 0x2f, 0x0a]) });
});
