/** What two exporters say of one probe, and where they differ. */
import { probeMetrics } from '../../../probes/blackbox/names.ts';

type Said = {
  /** By name and labels, as they stand there. */
  readonly samples: ReadonlyMap<string, string>;
  /** `# HELP` and `# TYPE` with the families, in their order. */
  readonly heads: readonly string[];
};

/** Of ours alone. */
const added: ReadonlySet<string> = new Set(['probe_timeout_seconds', 'probe_icmp_way_info']);
/** Lengths of time: never twice the same. Of these phases it is told whether there was any. */
const times = /^probe_\w*(?:duration|lookup_time)_seconds/;
const cameTo = /^probe_http_duration_seconds\{phase="(?:connect|tls|processing)"\}/;

export function read(text: string): Said {
  const lines = text.split('\n').filter((line) => line !== '');
  const heads = lines.filter((line) => line.startsWith('#') && !added.has(line.split(' ')[2] ?? ''));
  const samples = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)] as const)
    .filter(([name]) => !added.has(name.split('{')[0] ?? ''));
  return { samples: new Map(samples), heads };
}

/** Names and labels with values; what changes from probe to probe without its value. */
export function comparable({ samples, heads }: Said): readonly string[] {
  return [...heads, ...[...samples].map(([name, value]) => `${name} ${shown(name, value)}`)];
}

function shown(name: string, value: string): string {
  if (!times.test(name)) return value;
  if (cameTo.test(name)) return value === '0' ? '0' : 'some time';
  return 'a time';
}

/** Every name that is written is one of the catalogue. */
export function unknownNames({ samples }: Said): readonly string[] {
  return [...samples.keys()].filter((name) => !Object.hasOwn(probeMetrics, name.split('{')[0] ?? ''));
}
