/** A real OpenTelemetry collector: where it is kept once it is built, and how it is run. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Running, running } from '../../fakes/program.ts';

export const moduleDir = join(dirname(fileURLToPath(import.meta.url)), 'collector');

/** In the cache folder, by the versions that make it. */
export function collectorProgram(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const hash = createHash('sha256').update(readFileSync(join(moduleDir, 'go.sum')));
  const key = hash.update(readFileSync(join(moduleDir, 'main.go'))).digest('hex');
  return join(base, 'blackstart', 'collector', key.slice(0, 16), 'otelcol');
}

/** Whether it is there; says in one line what to do where it is not. */
export function collectorBuilt(): boolean {
  const isBuilt = existsSync(collectorProgram());
  if (!isBuilt) {
    process.stdout.write(
      'no OpenTelemetry collector in the cache: what needs it is skipped; npx node test/real/telemetry/build.ts makes it (Go 1.26)\n',
    );
  }
  return isBuilt;
}

export type Collector = {
  /** Takes OTLP over HTTP, and over gRPC. */
  readonly http: string;
  readonly grpc: string;
  /** All that it has printed: each span and data point that it took, with everything it knows of them. */
  printed(): string;
  readonly program: Running;
  /** Ends it and takes its folder away. */
  stop(): Promise<void>;
};

/** On a loopback address of its own, so that its ports are free. */
export async function collector(host: string): Promise<Collector> {
  const dir = mkdtempSync(join(tmpdir(), 'blackstart-collector-'));
  const file = join(dir, 'collector.json');
  const [http, grpc] = [`${host}:4318`, `${host}:4317`];
  const pipeline = { receivers: ['otlp'], exporters: ['debug'] };
  const configuration = {
    receivers: { otlp: { protocols: { http: { endpoint: http }, grpc: { endpoint: grpc } } } },
    exporters: { debug: { verbosity: 'detailed' } },
    service: { telemetry: { metrics: { level: 'none' } }, pipelines: { metrics: pipeline, traces: pipeline } },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const program = running(
    spawn(collectorProgram(), ['--config', `file:${file}`], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  await program.said(/Everything is ready/);
  return {
    http: `http://${http}`,
    grpc: `http://${grpc}`,
    program,
    printed: () => program.stderr() + program.stdout(),
    async stop() {
      program.kill('SIGKILL');
      await program.ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A span as the collector prints it. */
export type PrintedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
};

export function spansIn(printed: string): readonly PrintedSpan[] {
  return printed.split(/^Span #\d+$/m).flatMap((text) => {
    const field = (name: string): string => new RegExp(`^ +${name} *: ?(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    const ofSpan = text.split(/^(?:Events|Links):$/m)[0] ?? '';
    const attributes = [...ofSpan.matchAll(/^ +-> ([\w.]+): \w+\((.*)\)$/gm)].map(([, key, value]) => [key, value]);
    const span = { traceId: field('Trace ID'), spanId: field('ID'), parentId: field('Parent ID'), name: field('Name') };
    return /^[0-9a-f]{32}$/.test(span.traceId) ? [{ ...span, attributes: Object.fromEntries(attributes) }] : [];
  });
}
