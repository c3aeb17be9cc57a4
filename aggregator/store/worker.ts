/** A thread that owns one connection to the database and does what it is told, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { openQueueFile, queueFile } from '../remote-write/queue-file.ts';
import { drillsBeyond, load } from './load.ts';
import type { Answer, Call, Role } from './protocol.ts';
import { readerOf } from './reader.ts';
import { lockState, openForReading, openForWriting, usable } from './schema.ts';
import { writerOf } from './writer.ts';

const { role, file } = workerData as { readonly role: Role; readonly file: string };

type Work = { readonly [method: string]: (...values: never[]) => unknown };

function openWriter(): Work {
  const lock = lockState(`${file}.lock`);
  const database = openForWriting(file);
  function read<T>(what: () => T): T {
    try {
      return what();
    } catch (error) {
      throw usable(error, file);
    }
  }
  return {
    ...writerOf(database),
    load: () => read(() => load(database)),
    drillsBeyond: (ms: number) => read(() => drillsBeyond(database, ms)),
    close() {
      database.close();
      lock.close();
    },
  };
}

function openReader(): Work {
  const database = openForReading(file);
  return { ...readerOf(database), close: () => database.close() };
}

function openQueue(): Work {
  const database = openQueueFile(file);
  return { ...queueFile(database), close: () => database.close() };
}

const openers: Readonly<Record<Role, () => Work>> = { writer: openWriter, reader: openReader, queue: openQueue };
let work: Work | undefined;
parentPort?.on('message', (call: Call) => {
  parentPort?.postMessage(answer(call));
});

function answer(call: Call): Answer {
  try {
    work ??= openers[role]();
    const method = work[call.method];
    if (method === undefined) throw new Error(`the store has no ${call.method}`);
    return { id: call.id, ok: true, value: method(...(call.values as never[])) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const errcode = (error as { readonly errcode?: unknown }).errcode;
    return { id: call.id, ok: false, name, message, code: typeof errcode === 'number' ? errcode : null };
  }
}
