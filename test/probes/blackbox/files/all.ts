import { client } from './client.ts';
import { expressions, http } from './http.ts';
import { others } from './others.ts';
import { structure } from './structure.ts';

/** Files of one question each, that blackbox_exporter accepts or refuses. */
export const files = [...structure, ...http, ...expressions, ...client, ...others];
