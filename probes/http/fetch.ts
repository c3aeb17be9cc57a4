/** One HTTP attempt from the name to the last byte, over a connection of its own or over a kept one. */
import type { Phases } from '../../contract/result.ts';
import { addressOf } from '../addresses.ts';
import type { Dialed } from '../dialer.ts';
import { letGo } from '../farewell.ts';
import { type Hearing, hearing } from '../hearing.ts';
import type { Failure, ProbeContext } from '../prober.ts';
import { type PhaseWatch, phaseWatch } from '../watch.ts';
import { exchange } from './exchange.ts';
import type { Line } from './kept.ts';
import { type FetchRequest, isMistake, type Prepared, prepared } from './prepared.ts';
import type { HttpResponse } from './response.ts';

export type { FetchRequest } from './prepared.ts';

export type Fetched = {
  readonly outcome:
    | { readonly ok: true; readonly response: HttpResponse }
    | { readonly ok: false; readonly failure: Failure };
  readonly phases: Phases;
  readonly durationMs: number;
  /** The address asked, where it came so far; with its port for people. */
  readonly ip: string | null;
  readonly address: string | null;
  /** Of a pooled attempt. */
  readonly line: Pick<Line, 'number' | 'openedAtMs'> | null;
};

export async function fetchOnce(request: FetchRequest, context: ProbeContext): Promise<Fetched> {
  const watch = phaseWatch(context.clock);
  const ready = prepared(request);
  if (isMistake(ready)) return unasked(watch, ready.mistake);
  const bytes = ready.bytesFor(context.kept !== undefined, context.traceparent);
  if (isMistake(bytes)) return unasked(watch, bytes.mistake);
  const asking = { method: request.method, bytes };
  return context.kept === undefined
    ? overFresh(ready, asking, watch, context)
    : overKept(ready, asking, watch, context);
}

type Asking = { readonly method: string; readonly bytes: Buffer };

async function overFresh(ready: Prepared, asking: Asking, watch: PhaseWatch, context: ProbeContext): Promise<Fetched> {
  const resolved = ready.literal ?? (await addressOf(ready.host, ready, watch, context));
  if (!resolved.ok) return { outcome: resolved, ...watch.finish(), ip: null, address: null, line: null };
  const ip = resolved.address;
  const heard = hearing();
  const dialed = await dial(ready, ip, heard, watch, context);
  const ending = context.ending;
  const outcome = dialed.ok ? await exchange(dialed.socket, asking, watch, ending, heard) : dialed;
  if (dialed.ok) letGo(dialed.socket, context);
  const { phases, durationMs } = watch.finish();
  return { outcome, phases, durationMs, ip, address: ready.shownAddress(ip), line: null };
}

async function overKept(ready: Prepared, asking: Asking, watch: PhaseWatch, context: ProbeContext): Promise<Fetched> {
  const { kept } = context;
  let ip = kept?.line?.address ?? null;
  let line = kept?.line ?? null;
  async function open(): Promise<Dialed> {
    if (line !== null) return { ok: true, socket: line.socket };
    const resolved = ready.literal ?? (await addressOf(ready.host, ready, watch, context));
    if (!resolved.ok) return resolved;
    ip = resolved.address;
    const dialed = await dial(ready, ip, undefined, watch, context);
    if (dialed.ok && kept !== undefined) line = kept.hold(dialed.socket, ip, context.clock.nowMs());
    return dialed;
  }
  kept?.busy(true);
  const opened = await open();
  const ending = context.ending;
  const outcome = opened.ok ? await exchange(opened.socket, asking, watch, ending) : opened;
  // It stays unless its stream of answers can no longer be told apart.
  if (opened.ok && (!outcome.ok || !outcome.response.reusable || opened.socket.destroyed)) kept?.drop();
  kept?.busy(false);
  return { outcome, ...watch.finish(), ip, address: ip === null ? null : ready.shownAddress(ip), line };
}

function dial(
  { port, tlsName, tls }: Prepared,
  address: string,
  heard: Hearing | undefined,
  watch: PhaseWatch,
  context: ProbeContext,
): Promise<Dialed> {
  const target = { address, port, tlsName, tls, ...(heard === undefined ? {} : { hearing: heard }) };
  return context.dialer.dial(target, watch, context.ending);
}

/** What was asked for cannot be asked: nobody's outage. */
function unasked(watch: PhaseWatch, reason: string): Fetched {
  const outcome = { ok: false, failure: { failedAt: 'agent', reason } } as const;
  return { outcome, ...watch.finish(), ip: null, address: null, line: null };
}
