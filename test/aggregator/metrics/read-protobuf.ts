/** Reads protocol buffers without knowing what they mean: fields by number. */
export type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

export function readMessage(bytes: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const values = fields.get(Math.floor(key / 8)) ?? [];
    fields.set(Math.floor(key / 8), values);
    if (key % 8 === 0) values.push(varint());
    else if (key % 8 === 1) {
      values.push(bytes.readDoubleLE(at));
      at += 8;
    } else if (key % 8 === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error('a field is longer than its message');
      values.push(bytes.subarray(at, at + length));
      at += length;
    } else throw new Error(`wire type ${key % 8}`);
  }
  return fields;
}

/** Messages with their lengths before them. */
export function readDelimited(bytes: Buffer): readonly Fields[] {
  const messages: Fields[] = [];
  let at = 0;
  while (at < bytes.length) {
    let length = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at] ?? 0;
      at += 1;
      length += (byte % 128) * factor;
      if (byte < 128) break;
    }
    messages.push(readMessage(bytes.subarray(at, at + length)));
    at += length;
  }
  return messages;
}

export function numbers(fields: Fields, field: number): readonly number[] {
  return (fields.get(field) ?? []).map(Number);
}
export function signed(fields: Fields, field: number): readonly number[] {
  return numbers(fields, field).map((value) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2));
}
export function messages(fields: Fields, field: number): readonly Fields[] {
  return (fields.get(field) ?? []).map((value) => readMessage(value as Buffer));
}
export function texts(fields: Fields, field: number): readonly string[] {
  return (fields.get(field) ?? []).map(String);
}
