/** What a doctor finds: a mistake, whom it hits, what they get, and the mend. */

/** Every rule, with what it finds in a few words. docs/doctor.md has a section for each. */
export const rules = {
  'zone.name-missing': 'an entry name that the zone does not have',
  'zone.no-answer': 'users whose place no record is for',
  'zone.stray-address': 'an answer that leads to no region',
  'zone.wrong-region': 'users led to another region than the scenario expects',
  'zone.residency': 'residents led out of where they may be served',
  'zone.no-check': 'a record without a health check beside others that could take over',
  'zone.no-target-health': 'an alias that does not look at the health of its target',
  'zone.no-failover': 'a name that leads to one region and nowhere else',
  'zone.fail-open': 'nothing healthy left, so that all count as healthy',
  'zone.same-check': 'records of several regions that share one health check',
  'zone.weight-zero': 'a region with users and a weight of 0',
  'zone.weights': 'weights that are not the shares',
  'zone.latency-region': 'a latency record of one region with the address of another',
  'zone.alias-dangling': 'an alias to a name that is not there',
  'zone.alias-loop': 'aliases that lead in a circle, or too deep',
  'zone.ttl-unequal': 'records of one name with different TTLs',
  'zone.no-aaaa': 'addresses of IPv4 alone',
  'zone.aaaa-differs': 'addresses of IPv6 that lead elsewhere than those of IPv4',
  'time.impossible': 'an interval, a threshold and a TTL that cannot meet a limit',
  'time.unlikely': 'a limit that only the lucky meet',
  'check.missing': 'a health check that does not exist',
  'check.disabled': 'a health check that is switched off',
  'check.inverted': 'a health check that is turned round',
  'check.wrong-address': 'a health check of another address than the record has',
  'check.entry-name': 'a health check that asks a name which itself moves',
  'check.wrong-port': 'a health check at another port than users come to',
  'check.wrong-type': 'a health check that does not ask what users ask',
  'check.liveness': 'a health check that a dead database leaves green',
  'check.threshold': 'a calculated check that cannot trip',
  'check.children': 'a calculated check of checks that are not there',
  'check.unhealthy-now': 'a region that counts as unhealthy already',
  'cluster.rights': 'rights that a drill needs and does not have',
  'cluster.owner': 'somebody who puts replicas back',
  'cluster.no-workload': 'a workload that is not there',
  'cluster.readiness': 'pods that are sent users before they can serve',
  'cluster.min-ready': 'a rollout or a pod that counts as ready too late, or too early',
  'cluster.drift': 'regions that differ',
  'cluster.replicas': 'replicas that are not in proportion to the shares',
} as const satisfies Readonly<Record<string, string>>;

export type RuleId = keyof typeof rules;

export type Finding = {
  readonly rule: RuleId;
  /** `problem`: breaks a promise of the scenario. `advice`: works, and could be better. */
  readonly level: 'problem' | 'advice';
  /** `api.shop.example.`, `health check 1234`, `us-east-1: deployment/shop`. */
  readonly about: string;
  /** The region that would be dark; `null`: it is so with everything well. */
  readonly dark: string | null;
  /** Of all users, 0 to 1, as far as the scenario tells how many there are; `null`: it does not. */
  readonly share: number | null;
  /** One sentence: what is wrong, whom it hits, and the answer they would get. */
  readonly says: string;
  readonly remedy: string;
};

/** What a doctor looked at, and what it could not see: one sentence each. */
export type Diagnosis = { readonly findings: readonly Finding[]; readonly unseen: readonly string[] };

/** `0.3` to `30 %`, `0.005` to `0.5 %`. */
export function shareInWords(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
