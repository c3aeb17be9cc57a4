/** A certificate's names, in the words of those who read them next to blackbox_exporter's. */
import { type Element, elements, encoded, objectIdentifier, tags, text } from './der.ts';

/** What tells one certificate's holder from another: DER as it is in the certificate. */
export type CertificateNames = {
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly dnsNames: readonly string[];
};

const extensionsTag = 0xa3;
const dnsNameTag = 0x82;
const subjectAlternativeName = '2.5.29.17';

/** `certificate`: DER (RFC 5280 §4.1). */
export function namesIn(certificate: Buffer): CertificateNames {
  const fields = elements(elements(elements(certificate)[0]?.content ?? empty)[0]?.content ?? empty);
  // The version comes first, but not in certificates of version 1.
  const versioned = fields[0]?.tag === 0xa0 ? 1 : 0;
  return {
    issuer: fields[versioned + 2]?.whole ?? empty,
    subject: fields[versioned + 4]?.whole ?? empty,
    dnsNames: dnsNamesIn(fields.find(({ tag }) => tag === extensionsTag)),
  };
}

const empty = Buffer.alloc(0);

function dnsNamesIn(extensions: Element | undefined): string[] {
  for (const extension of elements(elements(extensions?.content ?? empty)[0]?.content ?? empty)) {
    const parts = elements(extension.content);
    if (objectIdentifier(parts[0]?.content ?? empty) !== subjectAlternativeName) continue;
    const names = elements(elements(parts.at(-1)?.content ?? empty)[0]?.content ?? empty);
    return names.filter(({ tag }) => tag === dnsNameTag).map(({ content }) => content.toString('latin1'));
  }
  return [];
}

/** Attributes that have a name, in the order in which Go's `pkix.Name` writes them. */
const named = new Map([
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.3', 'CN'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.10', 'O'],
  ['2.5.4.17', 'POSTALCODE'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.6', 'C'],
]);
/** Of these Go keeps the last one only. */
const single = new Set(['2.5.4.3', '2.5.4.5']);

/** As `pkix.Name.String()` of Go writes a name, which the labels of blackbox_exporter carry: `CN=a,O=b\, c`. */
export function nameText(name: Buffer): string {
  const values = new Map<string, string[]>();
  const others: string[] = [];
  for (const set of elements(elements(name)[0]?.content ?? empty)) {
    for (const attribute of elements(set.content)) {
      const [type, value] = elements(attribute.content);
      if (type === undefined || value === undefined) continue;
      const oid = objectIdentifier(type.content);
      if (!named.has(oid)) others.push(`${oid}=#${unnamedValue(text(value)).toString('hex')}`);
      else if (single.has(oid)) values.set(oid, [text(value)]);
      else values.set(oid, [...(values.get(oid) ?? []), text(value)]);
    }
  }
  const known = [...named].flatMap(([oid, label]) => {
    const all = values.get(oid) ?? [];
    const nothing = all.length === 0 || (single.has(oid) && all[0] === '');
    return nothing ? [] : [all.map((value) => `${label}=${escaped(value)}`).join('+')];
  });
  return [...known, ...others.reverse()].join(',');
}

/** As RFC 4514 §2.4, but that Go looks for the last space at the last byte. */
function escaped(value: string): string {
  const lastByte = Buffer.byteLength(value) - 1;
  let at = 0;
  let out = '';
  for (const char of value) {
    const edge = (char === ' ' && (at === 0 || at === lastByte)) || (char === '#' && at === 0);
    out += edge || ',+"\\<>;'.includes(char) ? `\\${char}` : char;
    at += Buffer.byteLength(char);
  }
  return out;
}

/** Go writes a string anew: printable if it can be, whatever it was. */
function unnamedValue(value: string): Buffer {
  const printable = /^[A-Za-z0-9'()+,\-./ :=?]*$/.test(value);
  return encoded(printable ? tags.printableString : tags.utf8String, Buffer.from(value));
}
