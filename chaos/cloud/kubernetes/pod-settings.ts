import type { PodSettings } from '../../cluster.ts';
import { fieldsOf, listOf, textOf } from './objects.ts';

const msPerSecond = 1_000;
/** What Kubernetes takes where a template says nothing. */
const defaults = { graceSeconds: 30, readyEverySeconds: 10, readyThreshold: 1 };

/** From a workload's pod template; what takes longest of several containers counts. */
export function podSettingsOf(body: { readonly [key: string]: unknown }): PodSettings {
  const spec = fieldsOf(fieldsOf(fieldsOf(body['spec'])['template'])['spec']);
  const containers = listOf(spec['containers']).map(fieldsOf);
  const probes = containers
    .filter((one) => one['readinessProbe'] !== undefined)
    .map((one) => fieldsOf(one['readinessProbe']));
  const most = (values: readonly number[]): number => Math.max(0, ...values);
  return {
    graceMs: number(spec['terminationGracePeriodSeconds'], defaults.graceSeconds) * msPerSecond,
    preStopMs: most(containers.map(preStopSeconds)) * msPerSecond,
    readyDelayMs: most(probes.map((probe) => number(probe['initialDelaySeconds'], 0))) * msPerSecond,
    readyEveryMs: most(probes.map((probe) => number(probe['periodSeconds'], defaults.readyEverySeconds))) * msPerSecond,
    readyThreshold: most(probes.map((probe) => number(probe['successThreshold'], defaults.readyThreshold))),
  };
}

/** `sleep: { seconds: 15 }`, or a command that does nothing but sleep; 0 for a hook whose time nobody can tell. */
function preStopSeconds(container: { readonly [key: string]: unknown }): number {
  const hook = fieldsOf(fieldsOf(container['lifecycle'])['preStop']);
  const command = listOf(fieldsOf(hook['exec'])['command']).map(textOf).join(' ');
  const [, told] = /(?:^|\s|\/)sleep (\d+(?:\.\d+)?)s?$/.exec(command) ?? [];
  return number(fieldsOf(hook['sleep'])['seconds'], Number(told ?? 0));
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
}
