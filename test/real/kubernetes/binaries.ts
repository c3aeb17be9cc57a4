/** Where the real cluster's programs are kept once they are built: a cache folder, by the versions that make them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One Go module each: their dependencies want different versions. */
export const modulesDir = join(dirname(fileURLToPath(import.meta.url)), 'servers');

export type Binary = { readonly name: string; readonly module: string; readonly package: string };

export const binaries: readonly Binary[] = [
  { name: 'kube-apiserver', module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  { name: 'kube-controller-manager', module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
  { name: 'etcd', module: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  { name: 'kwok', module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok' },
];

/** Another version of anything makes another folder. */
function keyOfVersions(): string {
  const hash = createHash('sha256');
  for (const module of new Set(binaries.map((binary) => binary.module)))
    hash.update(readFileSync(join(modulesDir, module, 'go.sum')));
  return hash.digest('hex').slice(0, 16);
}

export function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'blackstart', 'kubernetes', keyOfVersions());
}

export function pathOf(name: string): string {
  return join(cacheDir(), name);
}

/** Whether all are there; says in one line what to do where they are not. */
export function serversBuilt(): boolean {
  const isBuilt = binaries.every(({ name }) => existsSync(pathOf(name)));
  if (!isBuilt) {
    process.stdout.write(
      'no Kubernetes API server in the cache: what needs it is skipped; npm run build:kubernetes makes it (Go 1.26)\n',
    );
  }
  return isBuilt;
}
