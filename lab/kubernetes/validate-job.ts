/** Defaults and validation of Jobs: the real server makes their selector, and never changes their template. */
import { at, type KubeObject, listAt, numberAt, objectAt, same, textAt, textsAt } from './object.ts';
import { type Cause, invalidValue, required } from './refusal.ts';

export function jobDefaults(job: KubeObject): KubeObject {
  const { uid, name } = job.metadata;
  const template = objectAt(job, 'spec', 'template');
  const own = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const labels = { ...textsAt(template, 'metadata', 'labels'), ...own };
  const podSpec = { terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst', ...objectAt(template, 'spec') };
  return {
    ...job,
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: 'NonIndexed',
      backoffLimit: 6,
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      ...objectAt(job, 'spec'),
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels }, spec: podSpec },
    },
  };
}

export function jobCauses(job: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const causes: Cause[] = [];
  for (const field of ['parallelism', 'completions', 'backoffLimit', 'ttlSecondsAfterFinished']) {
    const value = numberAt(job, 'spec', field) ?? 0;
    if (value < 0) causes.push(invalidValue(`spec.${field}`, value, 'must be greater than or equal to 0'));
  }
  if (listAt(job, 'spec', 'template', 'spec', 'containers').length === 0)
    causes.push(required('spec.template.spec.containers', ''));
  const policy = textAt(job, 'spec', 'template', 'spec', 'restartPolicy');
  if (policy !== 'OnFailure' && policy !== 'Never')
    causes.push(required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"'));
  if (previous !== undefined && !same(at(previous, 'spec', 'template'), at(job, 'spec', 'template')))
    causes.push(invalidValue('spec.template', objectAt(job, 'spec', 'template'), 'field is immutable'));
  return causes;
}
