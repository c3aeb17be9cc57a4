/** Where this agent goes and where it does not, whoever asks it to. */
import { isIP } from 'node:net';
import { formatHostPort } from '../contract/address.ts';
import type { Mistake } from '../contract/mistake.ts';
import type { Ending } from './ending.ts';
import { guardedRanges } from './limits/guarded.ts';
import { type HostPattern, hostPattern, matchesHost } from './limits/hosts.ts';
import { isIn, type Literal, literalOf, type Range, rangeOf, readingsOf } from './limits/literal.ts';

export type TargetLimits = {
  /**
   * Why the agent does not send to this address, one sentence; `undefined` when it does. A literal: names are resolved
   * before. A name is judged as one that somebody else resolves, a proxy. `attempt` is its ending: without
   * it only what is allowed as an address is allowed, not what an allowed name led to.
   */
  refusal(address: string, port: number, attempt?: Attempt): string | undefined;
  /** In this attempt the name led to that address. Absent where no name is allowed by itself. */
  readonly named?: (host: string, address: string, attempt: Attempt) => void;
};

/** Known by its ending: nothing is asked of it but that it is the same. */
type Attempt = Pick<Ending, 'aborted'>;

type Allowed = { readonly port: number | null } & ({ readonly range: Range } | { readonly host: HostPattern });

/** Of an address or a name by itself. */
type Judgement = {
  readonly refusal: string | undefined;
  /** An allowed name that led to it in the attempt allows it all the same. */
  readonly unlessNamed: boolean;
};
const allowedAnyhow: Judgement = { refusal: undefined, unlessNamed: false };
const mostJudged = 16_384;

export type LimitsOptions = {
  /**
   * `10.0.0.0/8`, `192.0.2.1:443`, `[2001:db8::1]:443`, `shop.example`, `.shop.example:443`. Where there are any, the
   * agent goes nowhere else.
   */
  readonly allowed: readonly string[];
};

/** What each of the texts allows; those that cannot be read become mistakes. */
export function targetLimits({ allowed }: LimitsOptions, mistake: (mistake: Mistake) => void): TargetLimits {
  const entries = allowed.flatMap((text): readonly Allowed[] => {
    const entry = allowedBy(text.trim());
    if (entry === undefined) {
      const want = 'an address, a range such as 10.0.0.0/8 or the end of a host name, each with or without a port';
      mistake({ place: '--allow-target', got: JSON.stringify(text), want });
    }
    return entry === undefined ? [] : [entry];
  });
  /** The names that led to an address, of one attempt each: what another attempt was told is nothing to this one. */
  const names = new WeakMap<Attempt, Map<string, Set<string>>>();

  function namesOf(address: string, attempt: Attempt | undefined): readonly string[] {
    return attempt === undefined ? [] : [...(names.get(attempt)?.get(address) ?? [])];
  }
  function judge(address: string, port: number): Judgement {
    const literal = literalOf(address);
    const guarded = literal === undefined ? undefined : guardOf(literal, port, entries);
    if (guarded !== undefined)
      return { refusal: refused(address, port, `is ${guarded}, which this agent does not ask`), unlessNamed: false };
    const isAllowed =
      entries.length === 0 ||
      (literal === undefined
        ? allowsName(entries, address, port)
        : entries.some((entry) => 'range' in entry && isFor(entry, port) && isIn(literal, entry.range)));
    if (isAllowed) return allowedAnyhow;
    const refusal = refused(address, port, 'is none of the targets that this agent is allowed');
    return { refusal, unlessNamed: literal !== undefined };
  }
  /** By address, then by port: to join the two into one text would take as long as to look for it. */
  const judged = new Map<string, Map<number, Judgement>>();
  let judgedCount = 0;
  /** The same targets are asked about all the time, and to judge takes as long as to send a question. */
  function judgement(address: string, port: number): Judgement {
    const known = judged.get(address)?.get(port);
    if (known !== undefined) return known;
    if (judgedCount >= mostJudged) {
      judged.clear();
      judgedCount = 0;
    }
    const judgement = judge(address, port);
    const ofAddress = judged.get(address) ?? new Map<number, Judgement>();
    judged.set(address, ofAddress.set(port, judgement));
    judgedCount += 1;
    return judgement;
  }
  const limits: TargetLimits = {
    refusal(address, port, attempt) {
      const { refusal, unlessNamed } = judgement(address, port);
      const isNamed = unlessNamed && namesOf(address, attempt).some((name) => allowsName(entries, name, port));
      return isNamed ? undefined : refusal;
    },
  };
  if (!entries.some((entry) => 'host' in entry)) return limits;
  return {
    ...limits,
    named(host, address, attempt) {
      const led = names.get(attempt) ?? new Map<string, Set<string>>();
      names.set(attempt, led);
      led.set(address, (led.get(address) ?? new Set()).add(host));
    },
  };
}

/**
 * What an address is, or one that it stands for, that nobody allowed by itself. A range that reaches further than what
 * is guarded does not open it: whoever allows `0.0.0.0/0` has not thought of it, nor of metadata with `169.254.0.0/16`.
 */
function guardOf(literal: Literal, port: number, entries: readonly Allowed[]): string | undefined {
  for (const reading of readingsOf(literal)) {
    const held = guardedRanges.filter(({ range }) => isIn(reading, range));
    const opened = entries.some(
      (entry) =>
        'range' in entry &&
        isFor(entry, port) &&
        isIn(reading, entry.range) &&
        held.every(({ range }) => isIn(entry.range.base, range, entry.range.bits)),
    );
    const [first] = held;
    if (first !== undefined && !opened) return first.what;
  }
  return undefined;
}

function allowsName(entries: readonly Allowed[], name: string, port: number): boolean {
  return entries.some((entry) => 'host' in entry && isFor(entry, port) && matchesHost(name, entry.host));
}

function isFor(entry: Allowed, port: number): boolean {
  return entry.port === null || entry.port === port;
}

function refused(address: string, port: number, why: string): string {
  const at = port === 0 ? address : `${address} port ${port}`;
  const option = port === 0 ? address : formatHostPort({ host: address, port });
  return `${at} ${why}: --allow-target ${option} allows it`;
}

function allowedBy(text: string): Allowed | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^[\]]+?))(?::(\d{1,5}))?$/.exec(text);
  const bare = rangeOf(text);
  // An IPv6 address without brackets has no port.
  if (bare !== undefined) return { port: null, range: bare };
  const [, bracketed, plain = '', digits] = parts ?? [];
  const port = digits === undefined ? null : Number(digits);
  if (parts === null || (port !== null && (port < 1 || port > 65_535))) return undefined;
  const range = rangeOf(bracketed ?? plain);
  if (range !== undefined) return { port, range };
  const host = bracketed === undefined && isIP(plain) === 0 ? hostPattern(plain) : undefined;
  return host === undefined ? undefined : { port, host };
}
