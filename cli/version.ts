import { readFileSync } from 'node:fs';

declare const blackstartVersion: string | undefined;

/** Put in by the bundler; read from package.json in a checkout. */
export const version: string =
  typeof blackstartVersion === 'string'
    ? blackstartVersion
    : (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
