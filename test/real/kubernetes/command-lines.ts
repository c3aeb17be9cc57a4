/** How the programs of a cluster are started. */
import type { Credentials } from './credentials.ts';

export type Ports = { readonly api: number; readonly store: number; readonly peer: number; readonly node: number };

/** Who asked for what, a line of JSON each. */
export type Audit = { readonly policy: string; readonly log: string };

export function store(ports: Ports, dataDir: string): readonly string[] {
  const [client, peer] = [`http://127.0.0.1:${ports.store}`, `http://127.0.0.1:${ports.peer}`];
  return [
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // What a test keeps need not outlive the machine.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServer(ports: Ports, { files }: Credentials, audit: Audit): readonly string[] {
  return [
    `--audit-policy-file=${audit.policy}`,
    `--audit-log-path=${audit.log}`,
    `--etcd-servers=http://127.0.0.1:${ports.store}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
    `--client-ca-file=${files.ca}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // It advertises loopback, which no Endpoints object may hold.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    '--event-ttl=10m',
  ];
}

const controllerNames = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'job-controller',
  'ttl-after-finished-controller',
  'endpointslice-controller',
  'disruption-controller',
  'horizontal-pod-autoscaler-controller',
  'serviceaccount-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'pod-garbage-collector-controller',
  'clusterrole-aggregation-controller',
  'root-ca-certificate-publisher-controller',
];

export function controllers(config: string, { files }: Credentials): readonly string[] {
  return [
    `--kubeconfig=${config}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.ca}`,
    '--secure-port=0',
    `--controllers=${controllerNames.join(',')}`,
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    '--profiling=false',
  ];
}

export function kwok(config: string, ports: Ports, stages: string): readonly string[] {
  return [
    `--kubeconfig=${config}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    '--cidr=10.64.0.1/16',
    '--node-ip=127.0.0.1',
    `--server-address=127.0.0.1:${ports.node}`,
    `--config=${stages}`,
  ];
}
