/** What a scraper is given, by what it says it can read: as Prometheus's own servers choose. */

export type Format = 'text' | 'openmetrics' | 'protobuf';
export type Encoding = 'identity' | 'gzip' | 'zstd';
export type Chosen = { readonly format: Format; readonly contentType: string };

const text: Chosen = { format: 'text', contentType: 'text/plain; version=0.0.4; charset=utf-8' };
const protobuf: Chosen = {
  format: 'protobuf',
  contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};
function openMetrics(version: string): Chosen {
  const contentType = `application/openmetrics-text; version=${version}; charset=utf-8`;
  return { format: 'openmetrics', contentType };
}

type Wish = { readonly value: string; readonly parameters: ReadonlyMap<string, string>; readonly weight: number };

/** Federation has no OpenMetrics, as in Prometheus. */
export function chooseFormat(accept: string | undefined, formats: readonly Format[]): Chosen {
  for (const wish of wishesOf(accept)) {
    const chosen = formatOf(wish);
    if (chosen !== undefined && wish.weight > 0 && formats.includes(chosen.format)) return chosen;
  }
  return text;
}

function formatOf({ value, parameters }: Wish): Chosen | undefined {
  const version = parameters.get('version') ?? '';
  switch (value) {
    case 'application/vnd.google.protobuf': {
      const isFamily = parameters.get('proto') === 'io.prometheus.client.metricfamily';
      return isFamily && parameters.get('encoding') === 'delimited' ? protobuf : undefined;
    }
    case 'application/openmetrics-text':
      if (version === '1.0.0' || version === '') return openMetrics('1.0.0');
      return version === '0.0.1' ? openMetrics('0.0.1') : undefined;
    case 'text/plain':
      return version === '0.0.4' || version === '' ? text : undefined;
    case 'text/*':
    case '*/*':
      return text;
    default:
      return undefined;
  }
}

const encodings: readonly Encoding[] = ['identity', 'gzip', 'zstd'];

/** The one with the highest weight; of equals gzip before zstd, and none where the scraper does not care. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const wishes = wishesOf(acceptEncoding);
  let best: { readonly encoding: Encoding; readonly weight: number } = { encoding: 'identity', weight: 0 };
  for (const encoding of encodings) {
    const named = wishes.find(({ value }) => value === encoding) ?? wishes.find(({ value }) => value === '*');
    if (named !== undefined && named.weight > best.weight) best = { encoding, weight: named.weight };
  }
  return best.encoding;
}

/** The heaviest first; among equals what is named before what is meant by a star, then in the order given. */
function wishesOf(header: string | undefined): readonly Wish[] {
  const wishes = (header ?? '').split(',').map((part): Wish => {
    const [value = '', ...rest] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const parameters = new Map(rest.map((piece) => readParameter(piece)));
    const weight = Number(parameters.get('q') ?? 1);
    return { value, parameters, weight: weight >= 0 && weight <= 1 ? weight : 1 };
  });
  const stars = ({ value }: Wish): number => value.split('*').length;
  return wishes.sort((a, b) => b.weight - a.weight || stars(a) - stars(b));
}

function readParameter(piece: string): readonly [string, string] {
  const [name = '', value = ''] = piece.split('=', 2);
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')];
}
