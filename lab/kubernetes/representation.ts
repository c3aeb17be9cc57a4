/** How objects are shown: as they are, as a Table for `kubectl get`, or as their metadata alone; by the Accept header. */
import type { JsonObject } from '../../contract/json.ts';
import type { Api, Call } from './call.ts';
import { columnsOf } from './columns.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resources.ts';

export type Form = 'object' | 'table' | 'metadata';

/** The first form in the Accept header that we know; parameters in any order. */
export function formOf(call: Call): Form {
  for (const part of call.accept.split(',')) {
    const parameters = part.split(';').map((parameter) => parameter.trim());
    if (parameters.includes('as=Table')) return 'table';
    if (parameters.includes('as=PartialObjectMetadata') || parameters.includes('as=PartialObjectMetadataList')) {
      return 'metadata';
    }
    if (parameters[0] === 'application/json' || parameters[0] === '*/*') return 'object';
  }
  return 'object';
}

export type ListMeta = {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
};

export function shownList(
  api: Api,
  call: Call,
  resource: Resource,
  list: { items: readonly KubeObject[]; metadata: ListMeta },
): JsonObject {
  const { items, metadata } = list;
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  switch (formOf(call)) {
    case 'table':
      return table(api, call, resource, { items, metadata });
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: items.map(metadataOnly),
      };
    case 'object':
      return {
        kind: `${resource.kind}List`,
        apiVersion,
        metadata,
        items: resource.custom ? items : items.map(withoutKind),
      };
  }
}

export function shown(api: Api, call: Call, resource: Resource, object: KubeObject): JsonObject {
  switch (formOf(call)) {
    case 'table':
      return table(api, call, resource, {
        items: [object],
        metadata: { resourceVersion: object.metadata.resourceVersion },
      });
    case 'metadata':
      return metadataOnly(object);
    case 'object':
      return object;
  }
}

/** The items of a typed list do not say their kind again. */
function withoutKind({ kind: _kind, apiVersion: _version, ...rest }: KubeObject): JsonObject {
  return rest;
}

function metadataOnly(object: KubeObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function table(
  api: Api,
  call: Call,
  resource: Resource,
  { items, metadata }: { readonly items: readonly KubeObject[]; readonly metadata: ListMeta },
): JsonObject {
  const columns = columnsOf(resource.kind);
  const nowMs = api.clock.wallMs();
  const included = call.query.get('includeObject') || 'Metadata';
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type, wide }) => ({
      name,
      type,
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: wide ? 1 : 0,
    })),
    rows: items.map((object) => ({
      cells: columns.map((column) => column.cell(object, nowMs)),
      ...(included === 'None' ? {} : { object: included === 'Object' ? object : metadataOnly(object) }),
    })),
  };
}
