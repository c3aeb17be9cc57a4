/** Reads the requests of remote write, 1.0 and 2.0, as their descriptions say. */
type Value = number | bigint | Buffer;
type Message = ReadonlyMap<number, readonly Value[]>;

export type ReadHistogram = {
  readonly count: number;
  readonly sum: number;
  readonly sumBits: bigint;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** Index to count. */
  readonly buckets: Readonly<Record<number, number>>;
};
export type ReadPoint = {
  readonly labels: Readonly<Record<string, string>>;
  /** In the order in which they came. */
  readonly names: readonly string[];
  readonly atMs: number;
  readonly value: number;
  readonly bits: bigint;
  readonly histogram: ReadHistogram | null;
  /** Of 2.0. */
  readonly metadata: { readonly type: number; readonly help: string; readonly unit: string } | null;
};
export type ReadFamily = { readonly type: number; readonly name: string; readonly help: string; readonly unit: string };
export type ReadRequest = { readonly points: readonly ReadPoint[]; readonly families: readonly ReadFamily[] };

export function readRequest1(bytes: Buffer): ReadRequest {
  const request = messageOf(bytes);
  const points = messages(request, 1).flatMap((series) => {
    const pairs = messages(series, 1).map((label) => [text(label, 1), text(label, 2)] as const);
    return pointsOf(series, pairs, { samples: 2, histograms: 4 }, null);
  });
  const families = messages(request, 3).map((one) => ({
    type: whole(one, 1),
    name: text(one, 2),
    help: text(one, 4),
    unit: text(one, 5),
  }));
  return { points, families };
}

export function readRequest2(bytes: Buffer): ReadRequest {
  const request = messageOf(bytes);
  const symbols = (request.get(4) ?? []).map(String);
  if (symbols[0] !== '') throw new Error('the first symbol is not empty');
  const symbol = (number: number): string => {
    const found = symbols[number];
    if (found === undefined) throw new Error(`no symbol ${number}`);
    return found;
  };
  const points = messages(request, 5).flatMap((series) => {
    const refs = packed(series, 1);
    if (refs.length % 2 !== 0) throw new Error('an odd number of label references');
    const pairs = refs.flatMap((ref, index) =>
      index % 2 === 0 ? [[symbol(ref), symbol(refs[index + 1] ?? -1)] as const] : [],
    );
    const [said] = messages(series, 5);
    const metadata = said && { type: whole(said, 1), help: symbol(whole(said, 3)), unit: symbol(whole(said, 4)) };
    return pointsOf(series, pairs, { samples: 2, histograms: 3 }, metadata ?? null);
  });
  return { points, families: [] };
}

function pointsOf(
  series: Message,
  pairs: readonly (readonly [string, string])[],
  fields: { readonly samples: number; readonly histograms: number },
  metadata: ReadPoint['metadata'],
): readonly ReadPoint[] {
  const common = { labels: Object.fromEntries(pairs), names: pairs.map(([name]) => name), metadata };
  const samples = messages(series, fields.samples).map(
    (sample): ReadPoint => ({
      ...common,
      atMs: whole(sample, 2),
      value: double(sample, 1),
      bits: bits(sample, 1),
      histogram: null,
    }),
  );
  const histograms = messages(series, fields.histograms).map(
    (one): ReadPoint => ({
      ...common,
      atMs: whole(one, 15),
      value: Number.NaN,
      bits: 0n,
      histogram: histogramOf(one),
    }),
  );
  return [...samples, ...histograms];
}

function histogramOf(one: Message): ReadHistogram {
  const buckets: Record<number, number> = {};
  const deltas = packed(one, 12).map(unzigzag);
  let index = 0;
  let count = 0;
  for (const span of messages(one, 11)) {
    index += unzigzag(whole(span, 1));
    for (let step = 0; step < whole(span, 2); step += 1, index += 1) {
      count += deltas.shift() ?? Number.NaN;
      buckets[index] = count;
    }
  }
  return {
    count: whole(one, 1),
    sum: double(one, 3),
    sumBits: bits(one, 3),
    schema: unzigzag(whole(one, 4)),
    zeroThreshold: double(one, 5),
    zeroCount: whole(one, 6),
    buckets,
  };
}

function messageOf(bytes: Buffer): Message {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at] ?? Number.NaN;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (!(byte >= 0x80)) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const known = fields.get(field) ?? [];
    fields.set(field, known);
    if (tag % 8 === 0) known.push(varint());
    else if (tag % 8 === 1) {
      known.push(bytes.readBigUInt64LE(at));
      at += 8;
    } else if (tag % 8 === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error('a field is longer than its message');
      known.push(bytes.subarray(at, at + length));
      at += length;
    } else throw new Error(`wire type ${tag % 8}`);
  }
  return fields;
}

function messages(message: Message, field: number): readonly Message[] {
  return (message.get(field) ?? []).map((value) => messageOf(value as Buffer));
}
function text(message: Message, field: number): string {
  return String(message.get(field)?.[0] ?? '');
}
function whole(message: Message, field: number): number {
  return Number(message.get(field)?.[0] ?? 0);
}
function bits(message: Message, field: number): bigint {
  return (message.get(field)?.[0] ?? 0n) as bigint;
}
function double(message: Message, field: number): number {
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64LE(bits(message, field));
  return eight.readDoubleLE();
}
function packed(message: Message, field: number): number[] {
  const bytes = message.get(field)?.[0];
  if (!(bytes instanceof Buffer)) return [];
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte >= 0x80) continue;
    values.push(value);
    value = 0;
    scale = 1;
  }
  return values;
}
function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
