/** A question of any type as bytes. */
import { isIP } from 'node:net';
import { classNumber, typeNumber } from '../../contract/dns.ts';
import { parseSubnet } from './message.ts';
import { writeName } from './names.ts';
import { type Option, optionCodes, subnetOption, udpPayloadBytes, writeOpt } from './options.ts';
import type { AskedFor } from './reading.ts';

export type AnyQuestion = {
  readonly name: string;
  /** `MX`, `TYPE65`. */
  readonly type: string;
  /** `IN`, `CH`, `CLASS4`. */
  readonly class: string;
  readonly recursionDesired: boolean;
  /** EDNS client subnet to send, `198.51.100.0/24`; `null` for none. */
  readonly subnet: string | null;
  /** Ask the server for its name: RFC 5001. */
  readonly nsid: boolean;
  /** EDNS also without an option, and whether the answer is authentic: as our own resolver asks. */
  readonly edns?: boolean;
};

export type Written = {
  readonly message: Buffer;
  readonly asked: AskedFor;
  /** What one answer over UDP may have. */
  readonly udpBytes: number;
};

/** RFC 1035 §4.2.1, for who has not said more. */
const plainUdpBytes = 512;

/** The question's bytes, or what is wrong with it. */
export function writeQuestion(question: AnyQuestion, id: number): Written | { readonly mistake: string } {
  const type = typeNumber(question.type);
  if (type === undefined) return { mistake: `type: got ${shown(question.type)}, want one such as MX or TYPE65` };
  const asked = { id, name: question.name, type, class: classNumber(question.class) ?? -1 };
  if (asked.class < 0) return { mistake: `class: got ${shown(question.class)}, want one such as IN, CH or CLASS4` };
  const name = writeName(question.name);
  if ('mistake' in name) return name;
  const options = optionsOf(question);
  if ('mistake' in options) return options;
  const extended = options.length > 0 || question.edns === true;
  const message = Buffer.alloc(12 + name.length + 4);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE((question.recursionDesired ? 0x0100 : 0) | (question.edns === true ? 0x0020 : 0), 2);
  message.writeUInt16BE(1, 4);
  message.writeUInt16BE(extended ? 1 : 0, 10);
  name.copy(message, 12);
  message.writeUInt16BE(type, 12 + name.length);
  message.writeUInt16BE(asked.class, 14 + name.length);
  if (!extended) return { message, asked, udpBytes: plainUdpBytes };
  return { message: Buffer.concat([message, writeOpt(options)]), asked, udpBytes: udpPayloadBytes };
}

function optionsOf({ subnet, nsid }: AnyQuestion): readonly Option[] | { readonly mistake: string } {
  const asksName = nsid ? [{ code: optionCodes.nsid, data: Buffer.alloc(0) }] : [];
  if (subnet === null) return asksName;
  const parsed = parseSubnet(subnet);
  if (parsed === undefined) return { mistake: `subnet: got ${shown(subnet)}, want one such as 198.51.100.0/24` };
  const family = isIP(parsed.address) === 6 ? 6 : 4;
  return [subnetOption(parsed.address, family, parsed.prefixLength), ...asksName];
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
