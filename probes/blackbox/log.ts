/** What happens in a probe, line by line, as `debug=true` and `/logs` show it: logfmt, as blackbox_exporter's. */

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type Facts = Readonly<Record<string, string | number | boolean>>;

export type ProbeLog = {
  debug(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
  /** All lines so far, each with its end. */
  text(): string;
};

/** A target that answers with many lines cannot fill memory: the first ones stay. */
const maxLines = 1_000;
const maxValueLength = 2_000;

/** `common` stands in every line. Lines below `level` are dropped. */
export function newProbeLog(level: LogLevel, common: Facts, wallMs: () => number): ProbeLog {
  const from = logLevels.indexOf(level);
  const lines: { readonly atMs: number; readonly level: LogLevel; readonly message: string; readonly facts: Facts }[] =
    [];
  function note(at: LogLevel, message: string, facts: Facts = {}): void {
    if (logLevels.indexOf(at) < from || lines.length >= maxLines) return;
    lines.push({ atMs: wallMs(), level: at, message, facts });
  }
  return {
    debug: (message, facts) => note('debug', message, facts),
    warn: (message, facts) => note('warn', message, facts),
    error: (message, facts) => note('error', message, facts),
    text: () =>
      lines
        .map(({ atMs, level: at, message, facts }) => {
          const pairs = { time: new Date(atMs).toISOString(), level: at.toUpperCase(), msg: message };
          return `${logfmt({ ...pairs, ...common, ...facts })}\n`;
        })
        .join(''),
  };
}

function logfmt(facts: Facts): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${quoted(String(value).slice(0, maxValueLength))}`)
    .join(' ');
}

function quoted(value: string): string {
  return /^[^\s"=\p{C}]+$/u.test(value) ? value : JSON.stringify(value);
}
