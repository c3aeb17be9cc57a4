/** Defaults and validation, per kind, as far as drills write them. */
import type { JsonObject } from '../../contract/json.ts';
import { at, type KubeObject, listAt, numberAt, objectAt, same, textAt, textsAt } from './object.ts';
import { type Cause, invalidValue, required } from './refusal.ts';
import { definitionCauses, definitionDefaults } from './validate-definition.ts';
import { jobCauses, jobDefaults } from './validate-job.ts';
import { secretCauses, secretDefaults } from './validate-secret.ts';

type Rules = {
  readonly defaults?: (object: KubeObject) => KubeObject;
  readonly causes: (object: KubeObject, previous: KubeObject | undefined) => readonly Cause[];
};

const rulesByKind: Readonly<Record<string, Rules>> = {
  Deployment: { defaults: deploymentDefaults, causes: deploymentCauses },
  Job: { defaults: jobDefaults, causes: jobCauses },
  CustomResourceDefinition: { defaults: definitionDefaults, causes: definitionCauses },
  Lease: { causes: leaseCauses },
  Namespace: { defaults: (object) => ({ status: { phase: 'Active' }, ...object }), causes: () => [] },
  Pod: {
    defaults: (object) => ({ status: { phase: 'Pending' }, ...object }),
    causes: (object) => missing(listAt(object, 'spec', 'containers').length === 0, 'spec.containers'),
  },
  RoleBinding: { causes: roleBindingCauses },
  Secret: { defaults: secretDefaults, causes: secretCauses },
};

export function withDefaults(object: KubeObject): KubeObject {
  return rulesByKind[object.kind]?.defaults?.(object) ?? object;
}

/** Everything that is wrong with it; empty when it may be kept. */
export function causesAgainst(object: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  return [...metaCauses(object), ...(rulesByKind[object.kind]?.causes(object, previous) ?? [])];
}

/** The negative replicas of a Scale, or of the spec of anything that has them. */
export function replicasCauses(object: JsonObject): readonly Cause[] {
  const replicas = numberAt(object, 'spec', 'replicas') ?? 0;
  return replicas < 0 ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')] : [];
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
/** RBAC's names are path segments: `system:node-proxier` is one. */
const pathSegmentKinds = ['Role', 'RoleBinding'];

function metaCauses(object: KubeObject): readonly Cause[] {
  const causes: Cause[] = [];
  const { name } = object.metadata;
  const isSegment = pathSegmentKinds.includes(object.kind);
  if (isSegment ? /[/%]|^\.{1,2}$/.test(name) : !subdomain.test(name) || name.length > 253) {
    const why = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
    causes.push(invalidValue('metadata.name', name, why));
  }
  for (const field of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(objectAt(object, 'metadata', field))) {
      if (typeof value !== 'string') causes.push(invalidValue(`metadata.${field}`, value, `${key} must be a string`));
      else if (field === 'labels' && (value.length > 63 || !labelValue.test(value))) {
        causes.push(
          invalidValue(
            'metadata.labels',
            value,
            'a valid label must be an empty string or consist of alphanumeric characters',
          ),
        );
      }
    }
  }
  return causes;
}

function missing(isMissing: boolean, field: string): readonly Cause[] {
  return isMissing ? [required(field, '')] : [];
}

function deploymentDefaults(object: KubeObject): KubeObject {
  const template = objectAt(object, 'spec', 'template');
  const spec = {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...objectAt(object, 'spec'),
  };
  const podSpec = { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst' };
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: { ...podSpec, ...objectAt(template, 'spec') } } },
  };
}

function deploymentCauses(object: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const causes = [...replicasCauses(object)];
  const wanted = textsAt(object, 'spec', 'selector', 'matchLabels');
  const labels = textsAt(object, 'spec', 'template', 'metadata', 'labels');
  if (Object.keys(wanted).length === 0) causes.push(required('spec.selector', ''));
  else if (Object.entries(wanted).some(([key, value]) => labels[key] !== value)) {
    causes.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  if (previous !== undefined && !same(at(previous, 'spec', 'selector'), at(object, 'spec', 'selector'))) {
    causes.push(invalidValue('spec.selector', objectAt(object, 'spec', 'selector'), 'field is immutable'));
  }
  causes.push(
    ...missing(listAt(object, 'spec', 'template', 'spec', 'containers').length === 0, 'spec.template.spec.containers'),
  );
  return causes;
}

function leaseCauses(object: KubeObject): readonly Cause[] {
  const causes: Cause[] = [];
  const seconds = numberAt(object, 'spec', 'leaseDurationSeconds');
  const transitions = numberAt(object, 'spec', 'leaseTransitions');
  if (seconds !== undefined && seconds <= 0) {
    causes.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  if (transitions !== undefined && transitions < 0) {
    causes.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
  return causes;
}

function roleBindingCauses(object: KubeObject, previous: KubeObject | undefined): readonly Cause[] {
  const causes = [...missing(textAt(object, 'roleRef', 'name') === undefined, 'roleRef.name')];
  if (previous !== undefined && !same(at(previous, 'roleRef'), at(object, 'roleRef'))) {
    causes.push(invalidValue('roleRef', objectAt(object, 'roleRef'), 'cannot change roleRef'));
  }
  return causes;
}
