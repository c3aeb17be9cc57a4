/** Runs the container of a pod as a process: started with the pod, again when it fails, ended when the pod is deleted. */
import type { Cancel } from '../../../contract/clock.ts';
import type { Json } from '../../../contract/json.ts';
import { type Api, nowStamp } from '../call.ts';
import type { Containers, RunningContainer } from '../containers.ts';
import { type KubeObject, listAt, numberAt, textAt } from '../object.ts';
import { pods, serviceAccounts } from '../resources.ts';
import { issueToken } from '../tokens.ts';
import { environmentOf } from './environment.ts';
import { type ContainerState, isTerminating, podStatus } from './pods.ts';
import { writerAs } from './writer.ts';

export type Processes = {
  start(pod: KubeObject, address: string): void;
  /** The pod was marked for deletion: it goes when its process has. `false` for a pod that was not started here. */
  end(pod: KubeObject): boolean;
  /** The pod is gone already, however its process may be. */
  forget(pod: KubeObject): void;
  /** Ends all; resolves when they are gone. */
  stop(): Promise<void>;
};

type How = Containers & {
  /** For a token of a ServiceAccount and a namespace. */
  readonly kubeconfig: (token: string, namespace: string) => string;
  readonly onChange: () => void;
};

type Started = { running: RunningContainer | null; restarts: number; again: Cancel | null };

/** As long as the real kubelet asks for tokens for. */
const tokenSeconds = 3_607;
/** For what is left of a pod that was removed at once, or of the cluster. */
const shortGraceMs = 5_000;
const mostTimesLonger = 30;

export function processes(api: Api, how: How): Processes {
  const write = writerAs(api, 'kubelet');
  const started = new Map<string, Started>();
  const ending = new Set<Promise<void>>();

  function launch(pod: KubeObject, address: string, of: Started): void {
    const { namespace = '', name, uid } = pod.metadata;
    const account = api.store.get(serviceAccounts, namespace, textAt(pod, 'spec', 'serviceAccountName') ?? 'default');
    const token = account === undefined ? '' : issueToken(api, account, tokenSeconds).token;
    const env = environmentOf(api, pod);
    if ('unmade' in env) {
      say(pod, address, { restarts: of.restarts, phase: 'waiting', unmade: env.unmade });
      of.again = api.clock.after(how.restartMs, () => launchAgain(uid, namespace, name, { address, of }));
      return;
    }
    const args = listAt(pod, 'spec', 'containers', 0, 'args').map(String);
    const running = how.start({
      pod: name,
      namespace,
      args,
      env: env.values,
      kubeconfig: how.kubeconfig(token, namespace),
    });
    of.running = running;
    say(pod, address, { restarts: of.restarts, phase: 'running' });
    void running.ended.then((code) => {
      if (of.running === running) of.running = null;
      if (started.get(uid) === of) over(uid, namespace, name, { address, code, of });
    });
  }

  function over(
    uid: string,
    namespace: string,
    name: string,
    { address, code, of }: { readonly address: string; readonly code: number | null; readonly of: Started },
  ): void {
    const pod = api.store.get(pods, namespace, name);
    if (pod?.metadata.uid !== uid) return;
    if (isTerminating(pod)) write.remove(pods, pod, 0);
    else if (code === 0) say(pod, address, { restarts: of.restarts, phase: 'succeeded', code });
    else if (textAt(pod, 'spec', 'restartPolicy') === 'Never')
      say(pod, address, { restarts: of.restarts, phase: 'failed', code: code ?? killed });
    else {
      say(pod, address, { restarts: of.restarts, phase: 'waiting', code: code ?? killed });
      const afterMs = how.restartMs * Math.min(mostTimesLonger, 2 ** of.restarts);
      of.again = api.clock.after(afterMs, () => restart(uid, namespace, name, { address, of }));
    }
    how.onChange();
  }

  function restart(
    uid: string,
    namespace: string,
    name: string,
    { address, of }: { readonly address: string; readonly of: Started },
  ): void {
    of.restarts += 1;
    launchAgain(uid, namespace, name, { address, of });
  }

  function launchAgain(
    uid: string,
    namespace: string,
    name: string,
    { address, of }: { readonly address: string; readonly of: Started },
  ): void {
    of.again = null;
    const pod = api.store.get(pods, namespace, name);
    if (pod?.metadata.uid === uid) launch(pod, address, of);
    how.onChange();
  }

  function say(pod: KubeObject, address: string, state: ContainerState): void {
    const now = api.store.get(pods, pod.metadata.namespace ?? null, pod.metadata.name) ?? pod;
    write.setStatus(pods, now, podStatus(now, { at: nowStamp(api), address, ...state }));
  }

  function endProcess(of: Started, graceMs: number): void {
    of.again?.();
    of.again = null;
    if (of.running === null) return;
    const gone = of.running.stop(graceMs).finally(() => ending.delete(gone));
    ending.add(gone);
  }

  return {
    start(pod, address) {
      const of: Started = { running: null, restarts: 0, again: null };
      started.set(pod.metadata.uid, of);
      launch(pod, address, of);
    },
    end(pod) {
      const of = started.get(pod.metadata.uid);
      if (of === undefined) return false;
      const graceSeconds = numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 30;
      const { running } = of;
      endProcess(of, graceSeconds * 1_000);
      if (running === null) write.remove(pods, pod, 0);
      return true;
    },
    forget(pod) {
      const of = started.get(pod.metadata.uid);
      if (of === undefined) return;
      started.delete(pod.metadata.uid);
      endProcess(of, shortGraceMs);
    },
    async stop() {
      for (const of of started.values()) endProcess(of, shortGraceMs);
      started.clear();
      await Promise.all(ending);
    },
  };
}

/** The exit code of a container that a signal ended, as runtimes report it. */
const killed: Json & number = 137;
