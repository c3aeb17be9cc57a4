/** One mistake each, planted in a zone that is sound without it. */
import { answers } from './plants/answers.ts';
import { causes } from './plants/causes.ts';
import { checks } from './plants/checks.ts';
import type { Plant } from './plants/plant.ts';
import { records } from './plants/records.ts';

export const plants: readonly Plant[] = [...answers, ...causes, ...records, ...checks];
