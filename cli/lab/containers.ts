/** What a kubelet is to a cluster: starts a pod's program with its arguments and its account's kubeconfig, and nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../contract/clock.ts';
import type { Random } from '../../contract/random.ts';
import type { ContainerPlan, RunningContainer } from '../../lab/kubernetes.ts';
import { clockError, launcher, type Shop } from './crew.ts';

/** Each pod has a folder below `pods` in the lab's own. */
export function containerStarter(
  shop: Shop,
  clock: Clock,
  random: Random,
): (region: string, plan: ContainerPlan) => RunningContainer {
  const launch = launcher(shop, clock);
  return (region, { pod, args, env, kubeconfig }) => {
    const dir = join(shop.outDir, 'pods', region, pod);
    mkdirSync(dir, { recursive: true });
    const file = join(dir, 'kubeconfig');
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const child = launch(pod, args, { ...env, KUBECONFIG: file, BLACKSTART_CLOCK: clockError(random) });
    // It need not listen anywhere.
    child.listening.catch(() => undefined);
    return {
      ended: child.ended.then(({ code }) => code),
      stop: (graceMs) => child.stop(graceMs),
    };
  };
}
