/** The parameters of SVCB and HTTPS records: RFC 9460. */
import { type Field, ip6Text } from './fields.ts';
import { printed } from './names.ts';
import { Garbled, type Span, spanOf } from './span.ts';

const keys = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'];
const reservedKey = 65_535;

/** `alpn="h2,h3" port="443"`, one text each. */
export const parameters: Field = {
  absent: [],
  read(span) {
    const found: string[] = [];
    let last = -1;
    while (span.at < span.end) {
      const key = span.u16();
      const value = span.take(span.u16());
      if (key <= last || key === reservedKey) throw new Garbled(`a service parameter ${key} out of order`);
      last = key;
      found.push(`${keyText(key)}="${valueText(key, value)}"`);
    }
    return found;
  },
};

function keyText(key: number): string {
  return keys[key] ?? (key === reservedKey ? '' : `key${key}`);
}

function valueText(key: number, value: Buffer): string {
  switch (keys[key]) {
    case 'mandatory':
      return pieces(value, 2, 0, (piece) => keyText(piece.readUInt16BE(0)));
    case 'alpn':
      return protocols(spanOf(value, 0, value.length));
    case 'no-default-alpn':
    case 'ohttp':
      return pieces(value, 1, 0, () => wrong());
    case 'port':
      return value.length === 2 ? String(value.readUInt16BE(0)) : wrong();
    case 'ipv4hint':
      return pieces(value, 4, 1, (piece) => piece.join('.'));
    case 'ech':
      return value.toString('base64');
    case 'ipv6hint':
      return pieces(value, 16, 1, hint6);
    default:
      return escaped(value);
  }
}

function pieces(value: Buffer, bytes: number, least: number, text: (piece: Buffer) => string): string {
  if (value.length % bytes !== 0 || value.length < least) return wrong();
  return Array.from({ length: value.length / bytes }, (_, index) =>
    text(value.subarray(index * bytes, (index + 1) * bytes)),
  ).join(',');
}

function hint6(piece: Buffer): string {
  const text = ip6Text(piece);
  return text.startsWith('::ffff:') && text.includes('.') ? wrong() : text;
}

function wrong(): never {
  throw new Garbled('a service parameter of a wrong length or kind');
}

/** Commas and backslashes are escaped twice: once for the list, once for the record. */
function protocols(span: Span): string {
  const found: string[] = [];
  while (span.at < span.end) {
    let text = '';
    for (const byte of span.take(span.u8())) {
      if (byte === 0x2c) text += '\\\\\\044';
      else if (byte === 0x5c) text += '\\\\\\092';
      else text += escapedByte(byte);
    }
    found.push(text);
  }
  return found.join(',');
}

function escaped(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += byte === 0x5c ? '\\\\' : escapedByte(byte);
  return text;
}

function escapedByte(byte: number): string {
  return byte === 0x22 || byte === 0x3b || byte === 0x20 ? `\\${String.fromCharCode(byte)}` : printed(byte);
}
