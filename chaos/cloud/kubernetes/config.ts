import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { sentenceOf, Trouble } from '../../trouble.ts';

/**
 * A kubeconfig, bound to one of its contexts; `null`: to its current one. `path` `null`: as kubectl finds it
 * (`KUBECONFIG`, the home folder, the service account of the pod). Loads the client only here: programs without a
 * cluster never pay for it.
 */
export async function configOf(path: string | null, wanted: string | null): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const where = path === null ? 'the default kubeconfig' : `kubeconfig ${path}`;
  const text = path === null ? null : await readText(path);
  try {
    if (text === null || path === null) {
      config.loadFromDefault();
    } else {
      config.loadFromString(text);
      config.makePathsAbsolute(dirname(path));
    }
  } catch (error) {
    throw new Trouble('wrong-input', `${where} does not parse: ${firstLine(sentenceOf(error))}`, { cause: error });
  }
  const names = config.getContexts().map(({ name }) => name);
  if (names.length === 0) throw new Trouble('wrong-input', `${where} does not parse: it has no contexts`);
  const context = wanted ?? config.getCurrentContext();
  if (!names.includes(context)) {
    throw new Trouble(
      'wrong-input',
      wanted === null
        ? `${where} has no current context: it has ${names.join(', ')}`
        : `${where} has no context ${context}: it has ${names.join(', ')}`,
    );
  }
  config.setCurrentContext(context);
  if (config.getCurrentCluster() === null) {
    throw new Trouble('wrong-input', `${where}: context ${context} names a cluster that is not in it`);
  }
  if (config.getCurrentUser() === null) {
    throw new Trouble('wrong-input', `${where}: context ${context} names a user that is not in it`);
  }
  return config;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Trouble('wrong-input', `kubeconfig ${path} cannot be read: ${sentenceOf(error)}`, { cause: error });
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
