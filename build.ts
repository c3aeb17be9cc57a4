/** Bundles what is published: `dist/` is a package of its own, with the agent as one small file. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const own = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly [key: string]: unknown;
  readonly version: string;
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  outdir: 'dist',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { blackstartVersion: JSON.stringify(own.version) },
  // Dependencies in CommonJS ask for `require` at run time.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
} as const;

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
await build({ ...common, entryPoints: { main: 'cli/main.ts' }, splitting: true, chunkNames: 'part-[hash]' });
await build({ ...common, entryPoints: { agent: 'cli/agent-main.ts' } });

const { name, version, description, license, type, engines } = own;
const bin = { blackstart: 'main.js', 'blackstart-agent': 'agent.js' };
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ name, version, description, license, type, engines, bin }, null, 2)}\n`,
);
for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) copyFileSync(file, `dist/${file}`);
for (const file of ['main.js', 'agent.js']) chmodSync(`dist/${file}`, 0o755);
