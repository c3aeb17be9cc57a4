import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entryOf, openJournal, parseJournal, readJournal } from '../../chaos/journal.ts';
import { Trouble } from '../../chaos/trouble.ts';
import { fakeClock } from '../fakes/clock.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'blackstart-journal-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('the journal', () => {
  test('an entry is in the file when append resolves', async () => {
    const path = join(dir, 'journal.jsonl');
    const journal = await openJournal(path, fakeClock(5));
    await journal.append({ type: 'message', text: 'one' });
    expect(await readFile(path, 'utf8')).toBe('{"seq":1,"atMs":5,"type":"message","text":"one"}\n');
    await journal.close();
  });

  test('entries keep the order of the calls, also when nobody waits', async () => {
    const path = join(dir, 'journal.jsonl');
    const journal = await openJournal(path, fakeClock());
    const texts = Array.from({ length: 50 }, (_, index) => `${index}`);
    await Promise.all(texts.map((text) => journal.append({ type: 'message', text })));
    await journal.close();
    const entries = await readJournal(path);
    expect(entries.map((entry) => (entry.type === 'message' ? entry.text : ''))).toEqual(texts);
  });

  test('a torn line is passed over, wherever the crash left it', async () => {
    const path = join(dir, 'journal.jsonl');
    const journal = await openJournal(path, fakeClock());
    await journal.append({ type: 'armed' });
    await journal.append({ type: 'inject-called', sentMs: 7 });
    await journal.close();
    const whole = await readFile(path, 'utf8');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (cut) => {
        const entries = parseJournal(whole.slice(0, cut));
        const complete = whole.slice(0, cut).split('\n').length - 1;
        expect(entries.length).toBeGreaterThanOrEqual(complete);
        expect(entries.map(({ type }) => type)).toEqual(['armed', 'inject-called'].slice(0, entries.length));
      }),
    );
    await appendFile(path, '{"seq":3,"atM\n{"seq":0,"type":"recovered","text":"mended"}\n');
    expect(entryOf(await readJournal(path), 'recovered')?.text).toBe('mended');
  });

  test('never writes over a journal that is there', async () => {
    const path = join(dir, 'journal.jsonl');
    const journal = await openJournal(path, fakeClock());
    await journal.close();
    await expect(openJournal(path, fakeClock())).rejects.toBeInstanceOf(Trouble);
  });
});
