/** Every command, each loaded when the program starts and its parts when it runs. */
import type { Load } from './program.ts';

export const commands: readonly Load[] = [
  () => import('./lab.ts'),
  () => import('./watch.ts'),
  () => import('./aggregator.ts'),
  () => import('./agent.ts'),
  () => import('./drill.ts'),
  () => import('./restorer.ts'),
  () => import('./check.ts'),
  () => import('./status.ts'),
  () => import('./gate.ts'),
  () => import('./audit.ts'),
  () => import('./lint.ts'),
  () => import('./doctor.ts'),
  () => import('./generate.ts'),
];
