/** The agent's way to its aggregators: to one, or to that of several where it is, and to those that hold something of it. */

import type { Assignment } from '../contract/check.ts';
import { type Cancel, type Clock, every } from '../contract/clock.ts';
import type { Log } from '../contract/log.ts';
import type { Random } from '../contract/random.ts';
import type { Secret } from '../contract/secret.ts';
import type { Burst, Hello } from '../contract/wire.ts';
import { type HomingLimits, moved, type Sighting, startingAt, wanted } from './placement/homing.ts';
import type { Spool, SpoolShare } from './spool.ts';
import type { CaText } from './tls/settings.ts';
import type { MarkNow } from './uplink/feeder.ts';
import { type ClientPem, startUplink, type Uplink } from './uplink.ts';

export type UplinksOptions = {
  /** The best first. */
  readonly ranked: readonly URL[];
  readonly token: Secret | null;
  readonly certificate?: (() => ClientPem) | undefined;
  /** Trusted in addition to the system's; asked for with every connection. */
  readonly ca: CaText | null;
  /** The HTTP proxy that leads to an aggregator; `null` where none does. */
  readonly proxyFor?: ((aggregator: URL) => URL | null) | undefined;
  readonly limits: HomingLimits;
  /** What waits for an aggregator that has been gone for so long is given up. */
  readonly lostAfterMs: number;
};

export type UplinksDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly spool: Pick<Spool, 'shareOf' | 'tenures'>;
  readonly hello: Omit<Hello, 'boot'>;
  readonly onAssignment: (assignment: Assignment) => void;
  /** `endMs` on the agent's timeline. */
  readonly onBurst: (burst: Burst, endMs: number) => void;
  /** Spools what is gathered; from when on results may still come. */
  roundsThroughMs(): number;
};

export type Uplinks = Pick<Uplink, 'wake' | 'connected' | 'ended' | 'stop'> & {
  /** Of the aggregator where the agent is. */
  readonly at: string;
};

const lookEveryMs = 250;
export const defaultLostAfterMs = 86_400_000;

type Place = {
  readonly url: URL;
  readonly share: SpoolShare;
  sighting: Sighting;
  uplink: Uplink | undefined;
  assignment: Assignment | undefined;
  /** It was told of every move so far. */
  told: boolean;
  /** Why it will not have this agent. */
  refusal: unknown;
};

export function startUplinks(options: UplinksOptions, deps: UplinksDeps): Uplinks {
  const { clock, log } = deps;
  const { tenures } = deps.spool;
  const order = options.ranked.map(({ href }) => href);
  const [home = ''] = order;
  const places = new Map(
    options.ranked.map((url): [string, Place] => {
      const sighting = { up: false, sinceMs: clock.nowMs() };
      const share = deps.spool.shareOf(url.href);
      return [
        url.href,
        { url, share, sighting, uplink: undefined, assignment: undefined, told: false, refusal: undefined },
      ];
    }),
  );
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => undefined);
  let homing = startingAt(tenures?.current ?? home, clock.nowMs());
  const leaving = new Set<Promise<void>>();
  let stopping: Promise<void> | undefined;

  function look(): void {
    if (stopping !== undefined) return;
    const nowMs = clock.nowMs();
    const sightings = new Map([...places].map(([name, { sighting }]) => [name, sighting]));
    const next = moved(homing, order, sightings, { nowMs, limits: options.limits });
    if (next.at !== homing.at) {
      log.warn({ from: homing.at, to: next.at }, 'moving to another aggregator');
      // A round that starts in this very millisecond may have been made already: it stays where it is.
      tenures?.move(next.at, Math.floor(nowMs) + 1);
      for (const place of places.values()) tell(place);
      const assignment = places.get(next.at)?.assignment;
      if (assignment !== undefined) deps.onAssignment(assignment);
    }
    homing = next;
    const links = wanted(homing, order, sightings, (name) => owes(places.get(name)));
    for (const [name, place] of places) {
      if (links.has(name)) connect(name, place);
      else disconnect(place);
    }
    giveUpLost(nowMs);
  }

  /** Whether it holds results of ours, or believes to hold rounds that are another's by now. */
  function owes(place: Place | undefined): boolean {
    if (place === undefined || tenures === null) return false;
    const hasHeld = tenures.spansOf(place.url.href).length > 0;
    return place.share.holds || (hasHeld && !(place.told && passed(place)));
  }

  /** No round of its tenures can bring a result any more. */
  function passed({ url }: Place): boolean {
    const [, toMs] = tenures?.spansOf(url.href).at(-1) ?? [0, 0];
    return toMs === null || deps.roundsThroughMs() >= toMs;
  }

  function tell(place: Place): void {
    place.uplink?.tellHold();
    place.told = place.sighting.up;
  }

  function connect(name: string, place: Place): void {
    if (place.uplink !== undefined) return;
    if (place.refusal !== undefined && clock.nowMs() - place.sighting.sinceMs < askAgainMs) return;
    place.refusal = undefined;
    place.sighting = { up: false, sinceMs: clock.nowMs() };
    const uplink = startUplink(
      {
        aggregator: place.url,
        token: options.token,
        certificate: options.certificate,
        ca: options.ca,
        proxy: options.proxyFor?.(place.url) ?? null,
      },
      linkDeps(deps, place, {
        isCurrent: () => homing.at === name,
        onLink(up) {
          if (place.uplink !== uplink) return;
          place.sighting = { up, sinceMs: clock.nowMs() };
          place.told = up;
          if (up) uplink.wake();
        },
      }),
    );
    place.uplink = uplink;
    uplink.ended.catch((error: unknown) => refuse(place, error));
  }

  /** One that will not have us is as good as gone for a while; when none will, there is no point in going on. */
  function refuse(place: Place, error: unknown): void {
    place.refusal = error;
    place.uplink = undefined;
    place.sighting = { up: false, sinceMs: clock.nowMs() };
    if ([...places.values()].every(({ refusal }) => refusal !== undefined)) ended.reject(error);
    else log.error({ aggregator: place.url.href, why: String(error) }, 'an aggregator will not have this agent');
  }

  function disconnect(place: Place): void {
    const { uplink } = place;
    if (uplink === undefined) return;
    place.uplink = undefined;
    place.sighting = { up: false, sinceMs: clock.nowMs() };
    const left = uplink.stop(closeWithinMs).finally(() => leaving.delete(left));
    leaving.add(left);
  }

  function giveUpLost(nowMs: number): void {
    for (const [name, { sighting, share }] of places) {
      if (name === homing.at || sighting.up || nowMs - sighting.sinceMs < options.lostAfterMs) continue;
      const results = share.giveUp();
      if (results > 0) log.error({ aggregator: name, results }, 'gave up what waits for an aggregator that is gone');
    }
  }

  const current = (): Uplink | undefined => places.get(homing.at)?.uplink;
  const cancel: Cancel = every(clock, lookEveryMs, look, (error) =>
    log.error({ error: String(error) }, 'the aggregators could not be looked at'),
  );
  look();
  return {
    wake() {
      for (const { uplink } of places.values()) uplink?.wake();
    },
    get connected() {
      return current()?.connected ?? false;
    },
    get at() {
      return homing.at;
    },
    ended: ended.promise,
    stop(limitMs) {
      stopping ??= stopAll(limitMs);
      return stopping;
    },
  };

  async function stopAll(limitMs: number): Promise<void> {
    cancel();
    await Promise.all([...leaving, ...[...places.values()].map(({ uplink }) => uplink?.stop(limitMs))]);
    ended.resolve();
  }
}

const closeWithinMs = 1_000;
/** A token may be replaced while we run. */
const askAgainMs = 60_000;

type LinkEvents = { isCurrent(): boolean; onLink(up: boolean): void };

/** What one aggregator's link works with: its own boot and numbers, and what it says about the rounds that it has. */
function linkDeps(deps: UplinksDeps, place: Place, events: LinkEvents): Parameters<typeof startUplink>[1] {
  const { clock, random, log, spool, hello, onBurst } = deps;
  const { share, url } = place;
  const { tenures } = spool;
  const mark: MarkNow = () => {
    const roundsThroughMs = deps.roundsThroughMs();
    return { seq: share.lastSeq, roundsThroughMs };
  };
  return {
    clock,
    random,
    log,
    spool: share,
    hello: { ...hello, boot: share.boot },
    onAssignment(assignment) {
      place.assignment = assignment;
      if (events.isCurrent()) deps.onAssignment(assignment);
    },
    onBurst,
    mark,
    onLink: events.onLink,
    ...(tenures === null
      ? {}
      : {
          hold: () => ({
            type: 'hold' as const,
            boot: share.boot,
            knownFromMs: tenures.knownFromMs,
            spans: tenures.spansOf(url.href),
          }),
        }),
  };
}
