import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { converse } from '../../../probes/tcp/dialogue.ts';
import { contextWith, phasesAddUp, talks, termsFor } from '../../fakes/dialogue.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe('a socket with a path', () => {
  async function path(): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'blackstart-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    return join(folder, 'socket');
  }
  const nowhere = { host: '', port: 0 };

  test('is talked to as any other', async () => {
    const unixPath = await path();
    const server = createServer((socket) =>
      talks(
        socket.on('error', () => undefined),
        'hi\n',
        (line) => `${line}!\n`,
      ),
    );
    server.listen(unixPath);
    await once(server, 'listening');
    ends.push(() => server.close());
    const steps = [{ expect: '^hi$', send: 'you' }, { expect: '^you!$' }];
    const seen = await converse(termsFor(nowhere, { unixPath, steps }), contextWith());
    expect(seen).toMatchObject({ ok: true, ip: null });
    phasesAddUp(seen);
  });

  test('that nobody listens on fails at connect', async () => {
    const seen = await converse(termsFor(nowhere, { unixPath: await path() }), contextWith());
    expect(seen).toMatchObject({ ok: false, failure: { failedAt: 'connect' } });
    phasesAddUp(seen);
  });
});
