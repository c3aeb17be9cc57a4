/** A thread that probes what it is told to, on the agent's timeline, and hands over what it sees. */
import { parentPort, workerData } from 'node:worker_threads';
import { clockAhead } from '../../contract/clock.ts';
import type { Log } from '../../contract/log.ts';
import { environment } from '../environment.ts';
import { ownHands } from '../hands.ts';
import type { Unnumbered } from '../record.ts';
import { wheelOn } from '../wheel.ts';
import type { FromThread, Start, ToThread } from './protocol.ts';

/** The agent counts on hearing of us at least so often, to tell the aggregator how far it has come. */
const tellEveryMs = 200;

const start = workerData as Start;
const port = parentPort;
if (port === null) throw new Error('this file is a thread of the agent');

const clock = clockAhead(start.aheadMs);
const wheel = wheelOn(clock);
const tell = (message: FromThread): void => port.postMessage(message);
const logAs =
  (level: 'info' | 'warn' | 'error') =>
  (fields: object, message: string): void =>
    tell({ type: 'log', level, fields, message });
const log: Log = { info: logAs('info'), warn: logAs('warn'), error: logAs('error') };

let { ca } = start.environment;
let gathered: Unnumbered[] = [];
let toldMs = Number.NEGATIVE_INFINITY;
const hands = ownHands({
  clock,
  wheel,
  log,
  vantage: start.vantage,
  environment: await environment({ ...start.environment, ca: ca === null ? null : () => ca ?? '' }, { clock, log }),
  onResult: (result) => gathered.push(result),
  onQuiet: () => undefined,
});

function handOver(): void {
  toldMs = clock.nowMs();
  tell({
    type: 'results',
    results: gathered,
    throughMs: hands.throughMs(),
    running: hands.running,
    admittedShare: hands.admittedShare,
  });
  gathered = [];
}
wheel.onTurn(({ nowMs }) => {
  if (gathered.length > 0 || nowMs - toldMs >= tellEveryMs) handOver();
});

port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'reconcile':
      hands.reconcile(message.owner, message.plans);
      break;
    case 'regions':
      hands.assignRegions(message.regions);
      break;
    case 'ca':
      ca = message.ca;
      break;
    case 'stop':
      void hands.stop(message.graceMs).then(() => {
        handOver();
        tell({ type: 'stopped' });
        port.close();
      });
      break;
  }
});
handOver();
