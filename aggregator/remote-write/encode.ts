/** Points to the bytes of a request, uncompressed: remote write 1.0 and 2.0. */
import { type Message, message } from '../metrics/protobuf.ts';
import { writeHistogram } from './histogram.ts';
import { type Described, metadataTypes, type Point, type Series, stale, staleBits, unitOf } from './point.ts';

export type Version = 1 | 2;

const firstBytes = 16_384;

export type Encoder = {
  add(point: Point): void;
  /** Points since the last `take`. */
  readonly points: number;
  readonly histograms: number;
  readonly bytes: number;
  /** The request so far; the next one begins empty. */
  take(): Uint8Array;
};

export function encoder(version: Version): Encoder {
  return version === 1 ? encoder1() : encoder2();
}

/** `prometheus.WriteRequest`. */
function encoder1(): Encoder {
  const writer = message(firstBytes);
  let points = 0;
  let histograms = 0;
  return {
    add(point) {
      points += 1;
      if (point.series.native) histograms += 1;
      writer.nested(1, () => {
        for (const [name, value] of point.series.labels) {
          writer.nested(1, () => {
            writer.text(1, name);
            writer.text(2, value);
          });
        }
        writeValue(writer, point, { sample: 2, histogram: 4 });
      });
    },
    get points() {
      return points;
    },
    get histograms() {
      return histograms;
    },
    get bytes() {
      return writer.length;
    },
    take() {
      points = 0;
      histograms = 0;
      return writer.take();
    },
  };
}

/** Of version 1: what the families are, without any sample. Version 2 says it with each series. */
export function encodeMetadata(families: Iterable<Described>): Uint8Array {
  const writer = message(firstBytes);
  for (const family of families) {
    writer.nested(3, () => {
      writer.varint(1, metadataTypes[family.type]);
      writer.text(2, family.name);
      writer.text(4, family.help);
      writer.text(5, unitOf(family));
    });
  }
  return writer.take();
}

/** `io.prometheus.write.v2.Request`: every text is given once, and then by its number. */
function encoder2(): Encoder {
  const writer = message(firstBytes);
  const whole = message(firstBytes);
  let symbols = new Map<string, number>([['', 0]]);
  let symbolBytes = 0;
  let points = 0;
  let histograms = 0;

  function symbol(text: string): number {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    const number = symbols.size;
    symbols.set(text, number);
    symbolBytes += text.length;
    return number;
  }
  function writeMetadata({ family }: Series): void {
    writer.nested(5, () => {
      writer.varint(1, metadataTypes[family.type]);
      writer.varint(3, symbol(family.help));
      writer.varint(4, symbol(unitOf(family)));
    });
  }
  return {
    add(point) {
      points += 1;
      if (point.series.native) histograms += 1;
      writer.nested(5, () => {
        writer.packed(
          1,
          point.series.labels.flatMap(([name, value]) => [symbol(name), symbol(value)]),
        );
        writeValue(writer, point, { sample: 2, histogram: 3 });
        writeMetadata(point.series);
      });
    },
    get points() {
      return points;
    },
    get histograms() {
      return histograms;
    },
    get bytes() {
      return writer.length + symbolBytes;
    },
    take() {
      for (const text of symbols.keys()) whole.text(4, text);
      const head = whole.take();
      const series = writer.take();
      symbols = new Map([['', 0]]);
      symbolBytes = 0;
      points = 0;
      histograms = 0;
      return Buffer.concat([head, series]);
    },
  };
}

function writeValue(
  writer: Message,
  { series, value, atMs }: Point,
  fields: { readonly sample: number; readonly histogram: number },
): void {
  if (typeof value === 'object' || (value === stale && series.native)) {
    writer.nested(fields.histogram, () => writeHistogram(writer, value, atMs));
    return;
  }
  writer.nested(fields.sample, () => {
    if (value === stale) writer.bits(1, staleBits);
    else writer.double(1, value);
    writer.varint(2, atMs);
  });
}
