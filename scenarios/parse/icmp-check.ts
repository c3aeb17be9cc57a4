import { optional, type Read, shown } from './reader.ts';

/** The most that a datagram over IPv4 carries behind its headers, and the least that `ping` measures times with. */
const payload = { least: 16, most: 65_507 };

function whole(least: number, most: number, what: string): Read<number> {
  return (value, at) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : at.note(shown(value), `${what} from ${least} to ${most}`);
}

const flag: Read<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : at.note(shown(value), 'true or false');

/** Fields for `object` beside those of every check and those of its place. */
export const icmpFields = {
  payloadBytes: optional(whole(payload.least, payload.most, 'a number of bytes'), 56),
  ttl: optional(whole(1, 255, 'a number of hops'), 64),
  dontFragment: optional(flag, false),
} as const;
