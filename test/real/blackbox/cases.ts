/** What a differential case is: a module, a target, and what a scrape says beside them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where servers listen, by their names in the cases; files too. */
export type Places = Readonly<Record<string, string>>;
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

export type Case = {
  /** A sentence: what is probed. */
  readonly name: string;
  /** As it stands in a blackbox.yml. */
  readonly module: { readonly [key: string]: Yaml } | ((places: Places) => { readonly [key: string]: Yaml });
  readonly target: string | ((places: Places) => string);
  readonly hostname?: string;
  /** X-Prometheus-Scrape-Timeout-Seconds. */
  readonly within?: string;
  /** Lines in which ours is known to differ here. */
  readonly apart?: RegExp | undefined;
};

export type Servers = { readonly places: Places; close(): Promise<void> };

/** One module a case. JSON is YAML. */
export function writeModules(dir: string, cases: readonly Case[], places: Places): string {
  const file = join(dir, 'blackbox.yml');
  const lines = cases.map((one, index) => {
    const module = typeof one.module === 'function' ? one.module(places) : one.module;
    return `  ${moduleName(index)}: ${JSON.stringify(module)}`;
  });
  writeFileSync(file, `modules:\n${lines.join('\n')}\n`);
  return file;
}

export function moduleName(index: number): string {
  return `m${index}`;
}

export function pathOf(one: Case, index: number, places: Places): string {
  const target = typeof one.target === 'function' ? one.target(places) : one.target;
  const query = new URLSearchParams({ module: moduleName(index), target });
  if (one.hostname !== undefined) query.set('hostname', one.hostname);
  return `/probe?${query}`;
}
