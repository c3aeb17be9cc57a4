import type { Right } from '../../cluster.ts';
import { bodyOf } from './answers.ts';
import type { Place } from './cluster.ts';
import { fieldsOf, textOf } from './objects.ts';
import type { Transport } from './transport.ts';

/** Asks the cluster itself (SelfSubjectAccessReview), which knows of every authoriser. */
export async function ask(
  { context, namespace }: Place,
  api: Transport,
  right: Right,
  signal: AbortSignal,
): Promise<{ readonly allowed: boolean; readonly because: string }> {
  const { verb, group, resource, subresource, name } = right;
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        namespace: right.namespace ?? namespace,
        verb,
        group,
        resource,
        ...(subresource === null ? {} : { subresource }),
        ...(name === null ? {} : { name }),
      },
    },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const answer = await api.send({ method: 'POST', path, body }, signal);
  const status = fieldsOf(bodyOf(answer, `a SelfSubjectAccessReview in ${context}`)['status']);
  return { allowed: status['allowed'] === true, because: textOf(status['reason']) };
}

/** By a SelfSubjectReview; servers older than it do not tell. */
export async function whoAmI(api: Transport, signal: AbortSignal): Promise<string | null> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await api.send(
    { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body },
    signal,
  );
  const user = textOf(fieldsOf(fieldsOf(answer.body['status'])['userInfo'])['username']);
  return user === '' ? null : user;
}
