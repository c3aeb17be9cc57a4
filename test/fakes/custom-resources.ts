/** CustomResourceDefinitions of tools that own replicas, with as much of a schema as the API server asks for. */

type Names = { readonly group: string; readonly version: string; readonly plural: string; readonly kind: string };
type Scale = { readonly replicas: string; readonly status: string; readonly selector: string };

/** Any spec, any status; with `scale` the scale subresource at these paths. */
export function customResource({ group, version, plural, kind }: Names, scale?: Scale): object {
  const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const scaled =
    scale === undefined
      ? {}
      : {
          scale: {
            specReplicasPath: scale.replicas,
            statusReplicasPath: scale.status,
            labelSelectorPath: scale.selector,
          },
        };
  const status = { type: 'object', properties: { spec: any, status: any } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: status },
          subresources: { status: {}, ...scaled },
        },
      ],
    },
  };
}

export const rollouts = customResource(
  { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', kind: 'Rollout' },
  { replicas: '.spec.replicas', status: '.status.HPAReplicas', selector: '.status.selector' },
);

/** Of KEDA, Argo CD, Argo Rollouts and Flux. */
export const ownersOfReplicas: readonly object[] = [
  customResource({ group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects', kind: 'ScaledObject' }),
  customResource({ group: 'argoproj.io', version: 'v1alpha1', plural: 'applications', kind: 'Application' }),
  rollouts,
  customResource({
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    plural: 'kustomizations',
    kind: 'Kustomization',
  }),
  customResource({ group: 'helm.toolkit.fluxcd.io', version: 'v2', plural: 'helmreleases', kind: 'HelmRelease' }),
];
