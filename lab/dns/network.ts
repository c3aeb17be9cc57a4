/** Addresses and networks as bytes, for both families. */

export type Network = {
  /** 4 or 16 bytes; those beyond the prefix are 0. */
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
};

/** `198.51.100.0/24`, `2001:db8::/32`, or an address, which is a network of one; `undefined` for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bytes = addressBytes(address);
  if (bytes === undefined || rest.length > 0) return undefined;
  const prefixLength = length === undefined ? bytes.length * 8 : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  return prefixLength < 0 || prefixLength > bytes.length * 8 ? undefined : cut({ bytes, prefixLength }, prefixLength);
}

export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0));
  return groups.map((group) => group.toString(16)).join(':');
}

/** Whether all of `inner` is in `outer`. */
export function covers(outer: Network, inner: Network): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.prefixLength > inner.prefixLength) return false;
  const cutInner = cut(inner, outer.prefixLength);
  return outer.bytes.every((byte, index) => byte === cutInner.bytes[index]);
}

/** The network of the first `prefixLength` bits. */
export function cut(network: Network, prefixLength: number): Network {
  const bytes = network.bytes.map((byte, index) => byte & maskOf(prefixLength - index * 8));
  return { bytes, prefixLength };
}

/** The bits of a byte that belong to a prefix which has `bits` left. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

function addressBytes(text: string): Uint8Array | undefined {
  return text.includes(':') ? sixBytes(text) : fourBytes(text);
}

function fourBytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const right = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
  return right ? Uint8Array.from(parts, Number) : undefined;
}

function sixBytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const absent = 8 - left.length - right.length;
  if (halves.length === 1 ? absent !== 0 : absent < 1) return undefined;
  const groups = [...left, ...Array<string>(absent).fill('0'), ...right];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}
