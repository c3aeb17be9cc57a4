/** The steps of a dialogue, over a connection that is open. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { DeadlineExceeded } from '../../contract/deadline.ts';
import { type Groups, type Pattern, patternOf } from '../../contract/pattern.ts';
import type { Ending } from '../ending.ts';
import { describeError, type Failure, failureOfAbort, type ProbeContext, shown } from '../prober.ts';
import { tlsFacts } from '../tls/facts.ts';
import type { PhaseWatch } from '../watch.ts';
import type { DialogueStep, DialogueTerms, Speech } from './dialogue.ts';
import { expand } from './expand.ts';
import { type Reader, reader } from './reader.ts';

const maxTranscript = 200;
const maxShownBytes = 64;

type State = { -readonly [K in keyof Speech]: Speech[K] } & { transcript: string[]; reader: Reader };
/** What every step needs. */
type Stage = {
  readonly state: State;
  readonly terms: DialogueTerms;
  readonly watch: PhaseWatch;
  readonly context: ProbeContext;
  readonly ending: Ending;
  /** Cut, and without secrets. */
  readonly clean: (bytes: Buffer | string) => string;
  readonly note: (line: string) => void;
};
/** What a step found, or why the attempt is over. */
type Found = { readonly groups: Groups | null } | { readonly failure: Failure };
type Over = { readonly failure: Failure } | undefined;

/** Phases `firstByte`, `transfer` and, for STARTTLS, `tls`. The socket that is returned is to be closed, whatever came. */
export async function speak(
  socket: Socket,
  terms: DialogueTerms,
  watch: PhaseWatch,
  context: ProbeContext,
): Promise<Speech> {
  const ending = context.ending;
  watch.enter('firstByte');
  const state: State = {
    ...{ failure: null, failedDueToRegex: false, failedDueToBytes: false, expectInfo: [], transcript: [], socket },
    tls: terms.tls ? tlsFacts(socket as TLSSocket) : null,
    reader: reader(socket, watch, ending),
  };
  const secrets = (terms.secrets ?? []).filter((secret) => secret !== '');
  const clean = (bytes: Buffer | string): string =>
    shown(secrets.reduce((text, secret) => text.replaceAll(secret, '<secret>'), bytes.toString('utf8')));
  const note = (line: string): void => {
    if (state.transcript.length < maxTranscript) state.transcript.push(line);
  };
  const stage: Stage = { state, terms, watch, context, ending, clean, note };
  for (const step of terms.steps) {
    const over = await take(step, stage);
    if (over === undefined) continue;
    state.failure = over.failure;
    note(clean(over.failure.reason));
    break;
  }
  state.reader.stop();
  return state;
}

async function take(step: DialogueStep, stage: Stage): Promise<Over> {
  const found = await wait(step, stage);
  if ('failure' in found) return found;
  const { groups } = found;
  if (groups !== null && step.labels !== undefined) {
    const kept = step.labels.map(({ name, value }) => [name, stage.clean(expand(value, groups))]);
    stage.state.expectInfo = [...stage.state.expectInfo, Object.fromEntries(kept)];
  }
  const over = await send(step, groups, stage);
  return over === undefined && step.startTls === true ? startTls(stage) : over;
}

async function wait(step: DialogueStep, stage: Stage): Promise<Found> {
  if (step.expect !== undefined && step.expect !== '') return waitForLine(step.expect, step.refuse, stage);
  if (step.expectBytes !== undefined && step.expectBytes.length > 0) return waitForBytes(step.expectBytes, stage);
  if (step.answer !== undefined) return waitForAnswer(step.answer, stage);
  return { groups: null };
}

async function waitForLine(expect: string, refuse: string | undefined, stage: Stage): Promise<Found> {
  const wanted = patternOf(expect);
  const refused: ReturnType<typeof patternOf> | undefined = refuse === undefined ? undefined : patternOf(refuse);
  for (const pattern of [wanted, refused]) {
    if (pattern !== undefined && 'mistake' in pattern) return failed('agent', `pattern: ${pattern.mistake}`);
  }
  const want = `a line with /${expect}/`;
  let seen = 'no line';
  for (let count = 1; ; count += 1) {
    const taken = await stage.state.reader.line();
    if (taken.is === 'failed') return cut(taken.failure, seen, want, stage);
    if (taken.is === 'ended') {
      stage.state.failedDueToRegex = true;
      return failed('answer', `answer: got ${seen} before the close, want ${want}`);
    }
    const line = stage.clean(taken.bytes);
    stage.note(`got ${line}`);
    const groups = (wanted as Pattern).match(taken.bytes);
    if (groups !== null) return { groups };
    seen = count === 1 ? `the line ${JSON.stringify(line)}` : `${count} lines, the last ${JSON.stringify(line)},`;
    if (refused !== undefined && (refused as Pattern).match(taken.bytes) !== null) {
      return failed('answer', `answer: got the refusal ${JSON.stringify(line)}, want ${want}`);
    }
  }
}

async function waitForBytes(expected: Buffer, stage: Stage): Promise<Found> {
  const fits = (some: Buffer): boolean => expected.subarray(0, some.length).equals(some);
  const taken = await stage.state.reader.bytes(expected.length, fits);
  const want = `the bytes ${hex(expected)}`;
  if (taken.is === 'failed') return cut(taken.failure, 'others or fewer', want, stage);
  if (taken.is === 'ended')
    return failed('answer', `answer: got the close before ${expected.length} bytes, want ${want}`);
  stage.note(`got ${stage.clean(hex(taken.bytes))}`);
  if (taken.bytes.equals(expected)) return { groups: null };
  // Part of an answer is not compared with the whole, as in blackbox_exporter.
  stage.state.failedDueToBytes = taken.bytes.length === expected.length;
  return failed('answer', `answer: got the bytes ${hex(taken.bytes)}, want ${want}`);
}

async function waitForAnswer(answer: NonNullable<DialogueStep['answer']>, stage: Stage): Promise<Found> {
  let mistake: string | undefined;
  const taken = await stage.state.reader.answer((some) => {
    const read = answer(some);
    if (read === 'more') return undefined;
    if ('bytes' in read) return read.bytes;
    mistake = read.mistake;
    return some.length;
  });
  if (taken.is === 'failed') return cut(taken.failure, 'nothing whole', 'the whole answer', stage);
  if (taken.is === 'ended') return failed('answer', 'answer: got the close before its end');
  stage.note(`got ${stage.clean(hex(taken.bytes))}`);
  return mistake === undefined ? { groups: null } : failed('answer', `answer: ${mistake}`);
}

/** `failure` with what was being waited for, where our time was up. */
function cut(failure: Failure, seen: string, want: string, { ending }: Stage): { readonly failure: Failure } {
  const why: unknown = ending.reason;
  if (!ending.aborted || !(why instanceof DeadlineExceeded)) return { failure };
  return failed('answer', `answer: got ${seen}, want ${want} within ${why.limitMs} ms`);
}

async function send({ send: line, sendBytes }: DialogueStep, groups: Groups | null, stage: Stage): Promise<Over> {
  if (line !== undefined && line !== '') {
    const text = groups === null ? Buffer.from(line) : expand(line, groups);
    stage.note(`sent ${stage.clean(text)}`);
    if (text.length > 0) return write(Buffer.concat([text, lineFeed]), stage);
  }
  if (sendBytes === undefined) return undefined;
  stage.note(`sent ${stage.clean(hex(sendBytes))}`);
  return write(sendBytes, stage);
}

const lineFeed = Buffer.from('\n');

/** Until the bytes are the kernel's: a socket that is closed before takes them along. */
function write(bytes: Buffer, { state, ending }: Stage): Promise<Over> {
  return new Promise((resolve) => {
    function settle(failure?: Failure): void {
      ending.removeEventListener('abort', stop);
      resolve(failure === undefined ? undefined : { failure });
    }
    function stop(): void {
      settle(failureOfAbort(ending, 'transfer'));
    }
    if (ending.aborted) return stop();
    ending.addEventListener('abort', stop, { once: true });
    state.socket.write(bytes, (error) =>
      settle(error ? { failedAt: 'answer', reason: `sending: ${describeError(error)}` } : undefined),
    );
  });
}

async function startTls({ state, terms, watch, context, ending, note }: Stage): Promise<Over> {
  const left = state.reader.stop();
  // What came before TLS in the clear is not part of what comes after.
  if (left > 0) note(`dropped ${left} bytes that came before the handshake`);
  const target = { tlsName: tlsNameOf(terms), tls: terms.tlsSettings };
  const upgraded = await context.dialer.upgrade(state.socket, target, watch, ending);
  if (!upgraded.ok) return { failure: upgraded.failure };
  watch.enter('firstByte');
  state.socket = upgraded.socket;
  state.tls = tlsFacts(upgraded.socket as TLSSocket);
  state.reader = reader(upgraded.socket, watch, ending);
  note(`speaking ${state.tls.version}`);
  return undefined;
}

export function tlsNameOf({ tlsName, host }: DialogueTerms): string {
  return tlsName ?? host;
}

function failed(failedAt: Failure['failedAt'], reason: string): { readonly failure: Failure } {
  return { failure: { failedAt, reason } };
}

function hex(bytes: Buffer): string {
  const text = bytes.toString('hex', 0, maxShownBytes);
  return bytes.length > maxShownBytes ? `${text}…` : text;
}
