/** Bundles what is published: `dist/` (or the folder given) is a package of its own, with the agent as one small file. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';
const own = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly [key: string]: unknown;
  readonly version: string;
};

/**
 * A dependency that is loaded when it is needed becomes a part of its own. One in CommonJS would then have no names to
 * import: it gets those that Node finds in it.
 */
const namesOfParts: Plugin = {
  name: 'names-of-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@?[a-z]/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, namespace: 'part' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'part' }, async ({ path }) => {
      const found = Object.keys((await import(path)) as object).filter((key) => /^(?!default$)[\w$]+$/.test(key));
      return { contents: `export { ${found.join(', ')} } from ${JSON.stringify(path)};`, resolveDir: process.cwd() };
    });
  },
};

/** OpenTelemetry is larger than the agent: a file beside it, which is read only where something is written out. */
const telemetryFile = 'telemetry.js';
const telemetryApart: Plugin = {
  name: 'telemetry-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/sdk\.ts$/ }, ({ kind, importer }) =>
      kind === 'dynamic-import' && importer.includes('telemetry')
        ? { path: `./${telemetryFile}`, external: true }
        : undefined,
    );
  },
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outdir,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [namesOfParts, telemetryApart],
  define: { blackstartVersion: JSON.stringify(own.version) },
  // Dependencies in CommonJS ask for `require` at run time.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
} satisfies BuildOptions;

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
await build({ ...common, entryPoints: { main: 'cli/main.ts' }, splitting: true, chunkNames: 'part-[hash]' });
await build({ ...common, entryPoints: { agent: 'cli/agent-main.ts' } });
await build({ ...common, entryPoints: { 'agent-worker': 'probes/threads/worker.ts' } });
await build({ ...common, entryPoints: { telemetry: 'cli/telemetry/sdk.ts' } });
// Threads are started from files of their own, looked for beside the part that starts them.
await build({ ...common, entryPoints: { 'store-worker': 'aggregator/store/worker.ts' } });
await build({ ...common, entryPoints: { 'black-hole-worker': 'lab/network/black-hole-worker.ts' } });

const { name, version, description, license, type, engines } = own;
const bin = { blackstart: 'main.js', 'blackstart-agent': 'agent.js' };
writeFileSync(
  join(outdir, 'package.json'),
  `${JSON.stringify({ name, version, description, license, type, engines, bin }, null, 2)}\n`,
);
const papers = ['README.md', 'LICENSE', 'CHANGELOG.md'].filter((file) => existsSync(file));
for (const file of papers) copyFileSync(file, join(outdir, file));
// Scripts that k6 reads, as they are.
cpSync('scenarios/load', join(outdir, 'load'), {
  recursive: true,
  filter: (path) => !path.endsWith('.json'),
});
for (const file of ['main.js', 'agent.js']) chmodSync(join(outdir, file), 0o755);
