import { workloadName } from '../cluster.ts';
import { objectName, valueAt } from '../objects.ts';
import { isTarget, listAt, numberAt, type OwnerFacts, objectsIn, textAt, type WorkloadFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';

/** Its controller looks so often unless told otherwise. */
const lookEveryMs = 15_000;

/** A HorizontalPodAutoscaler leaves zero alone unless its own minimum is zero, and undoes anything else below it. */
export function autoscalers(facts: WorkloadFacts, { autoscalers: found }: OwnerFacts): readonly Finding[] {
  return objectsIn(found)
    .filter(({ body }) => isTarget(valueAt(body, ['spec', 'scaleTargetRef']), facts))
    .filter(({ body }) => !listAt(body, 'metadata', 'ownerReferences').some(isKedas))
    .map((object) => {
      const least = numberAt(object.body, 'spec', 'minReplicas') ?? 1;
      const most = numberAt(object.body, 'spec', 'maxReplicas') ?? facts.original;
      const common = { owner: 'hpa', name: objectName(object), workload: workloadName(facts.workload) } as const;
      const after = afterwards(facts.original, least, most);
      if (facts.injected === 0 && least > 0) {
        const sentence = `${common.name} leaves ${common.workload} at 0, as its minimum is ${least}; ${after}`;
        return finding({ ...common, will: 'leave', sentence });
      }
      if (facts.injected > 0 && facts.injected >= least) {
        const sentence = `${common.name} may raise ${common.workload} from ${facts.injected} as its metrics ask for; ${after}`;
        return finding({ ...common, will: 'maybe-undo', withinMs: lookEveryMs, sentence, remedy: raiseMinimum });
      }
      const why = facts.injected === 0 ? 'scales from 0, as its minimum is 0,' : `asks for at least ${least}, and`;
      const sentence = `${common.name} ${why} will raise ${common.workload} within ${lookEveryMs / 1_000} s of seeing load; ${after}`;
      return finding({ ...common, will: 'undo', withinMs: lookEveryMs, sentence, remedy: raiseMinimum });
    });
}

const raiseMinimum = 'set its minReplicas to 1 or more for the time of the drill: then it leaves 0 alone';

function isKedas(reference: unknown): boolean {
  return textAt(reference, 'kind') === 'ScaledObject' && textAt(reference, 'apiVersion').startsWith('keda.sh/');
}

function afterwards(original: number, least: number, most: number): string {
  const at =
    original < least ? `raises it to ${least}` : original > most ? `lowers it to ${most}` : 'goes on from there';
  return `once ${original} are back it ${at} (${least} to ${most})`;
}
