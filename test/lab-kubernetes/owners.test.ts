import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../contract/json.ts';
import { managedFields, type Writer } from '../../lab/kubernetes/managed-fields.ts';
import { type KubeObject, withMeta } from '../../lab/kubernetes/object.ts';
import { apply } from '../../lab/kubernetes/patch/apply.ts';

function deployment(spec: JsonObject, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'u', resourceVersion: '1', creationTimestamp: 't', annotations },
    spec,
  };
}

function by(manager: string, operation: Writer['operation'] = 'Update', subresource: string | null = null): Writer {
  return { manager, operation, apiVersion: 'apps/v1', subresource, time: 't' };
}

function written(before: KubeObject | undefined, after: KubeObject, writer: Writer): KubeObject {
  return withMeta(after, { managedFields: managedFields(before, after, writer) });
}

function owners(object: KubeObject): Record<string, object> {
  return Object.fromEntries((object.metadata.managedFields ?? []).map((entry) => [entry.manager, entry.fieldsV1]));
}

describe('who owns a field', () => {
  const made = written(undefined, deployment({ replicas: 3, paused: false }), by('helm'));

  test('is who created it', () => {
    expect(owners(made)).toEqual({
      helm: { 'f:metadata': { 'f:annotations': {} }, 'f:spec': { 'f:replicas': {}, 'f:paused': {} } },
    });
  });

  test('is who changed it last; who had it before has it no more', () => {
    const scaled = written(made, { ...made, spec: { replicas: 0, paused: false } }, by('runner', 'Update', 'scale'));
    expect(owners(scaled)['runner']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(owners(scaled)['helm']).toMatchObject({ 'f:spec': { 'f:paused': {} } });
    expect(JSON.stringify(owners(scaled)['helm'])).not.toContain('replicas');
  });

  test('does not change with a write that changes nothing, and keeps its place', () => {
    const scaled = written(made, { ...made, spec: { replicas: 0, paused: false } }, by('runner'));
    const again = written(scaled, scaled, by('helm'));
    expect(again.metadata.managedFields).toEqual(scaled.metadata.managedFields);
  });

  test('is nobody when the field is gone', () => {
    const annotated = written(made, withMeta(made, { annotations: { 'blackstart.dev/drill': 'x' } }), by('runner'));
    expect(owners(annotated)['runner']).toEqual({
      'f:metadata': { 'f:annotations': { 'f:blackstart.dev/drill': {} } },
    });
    const removed = written(annotated, withMeta(annotated, { annotations: {} }), by('runner'));
    expect(JSON.stringify(owners(removed))).not.toContain('drill');
  });
});

describe('a server-side apply', () => {
  const config = (spec: JsonObject): JsonObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec });
  const flux = by('flux', 'Apply');
  const made = withMeta(deployment({ replicas: 3, paused: true }), {
    managedFields: managedFields(undefined, deployment({ replicas: 3, paused: true }), flux, {
      'f:spec': { 'f:replicas': {}, 'f:paused': {} },
    }),
  });

  test('conflicts with the owner of what it changes, by name and field', () => {
    const act = (): unknown => apply(made, config({ replicas: 0 }), { by: by('runner', 'Apply'), force: false });
    expect(act).toThrow('Apply failed with 1 conflict: conflict with "flux": .spec.replicas');
    expect(act).toThrow(expect.objectContaining({ code: 409 }));
  });

  test('does not conflict where it agrees, nor when it is forced', () => {
    const runner = by('runner', 'Apply');
    expect(apply(made, config({ replicas: 3 }), { by: runner, force: false }).merged).toMatchObject({
      spec: { replicas: 3 },
    });
    expect(apply(made, config({ replicas: 0 }), { by: runner, force: true }).merged).toMatchObject({
      spec: { replicas: 0 },
    });
  });

  test('takes away what its writer applied before and leaves out now', () => {
    const { merged } = apply(made, config({ replicas: 3 }), { by: flux, force: false });
    expect(merged).toMatchObject({ spec: { replicas: 3 } });
    expect(merged).not.toHaveProperty('spec.paused');
  });
});
