/**
 * A thread that listens and never accepts. Node's event loop takes every connect as soon as it turns, so the thread
 * stops turning: from the moment it listens until it is told to end.
 */
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { type FromHole, type HoleStart, smallestBacklog } from './black-hole.ts';

const { at, ended } = workerData as HoleStart;

function tell(message: FromHole): void {
  parentPort?.postMessage(message);
}

parentPort?.once('message', () => {
  const server = createServer((socket) => socket.destroy());
  server.once('error', ({ message }) => tell({ type: 'failed', why: message }));
  server.listen({ host: at.host, port: at.port, backlog: smallestBacklog }, () => {
    tell({ type: 'listening' });
    Atomics.wait(ended, 0, 0);
    server.close();
  });
});
tell({ type: 'ready' });
