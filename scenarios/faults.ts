import type { SecretReference } from '../contract/secret.ts';

/** What a scenario may ask a drill to break. */
export type FaultPlan =
  | { readonly kind: 'scale-to-zero'; readonly region: string }
  /** `share`: of the replicas that stay, 0 to 1. */
  | { readonly kind: 'scale-to'; readonly region: string; readonly share: number }
  | { readonly kind: 'health-route'; readonly region: string }
  /** `addMs`: of `latency` alone, to every answer; 0 for the others. */
  | {
      readonly kind: 'edge';
      readonly region: string;
      readonly how: 'latency' | 'refuse' | 'black-hole' | 'reset';
      readonly addMs: number;
    }
  /** `region`: the one whose loss is judged. */
  | { readonly kind: 'partition'; readonly region: string; readonly from: string }
  /** `region`: the one whose switchboard it is at. */
  | { readonly kind: 'name-server'; readonly region: string; readonly address: string }
  /** Records changed by hand; services of ECS. */
  | { readonly kind: 'records'; readonly region: string }
  | { readonly kind: 'ecs-service'; readonly region: string };

export type FaultName = FaultPlan['kind'];

/** One kind's plan. */
export type PlanOf<K extends FaultName> = Extract<FaultPlan, { readonly kind: K }>;

/** A control endpoint of a region that ends what it was told once nobody renews it. */
export type SwitchboardPlan = { readonly url: string; readonly token: SecretReference | null };

/** As users write it. */
export type SwitchboardsSource<Region extends string> = {
  readonly [R in Region]?: { readonly url: string; readonly token?: SecretReference };
};

/** One kind of fault, and what it is done to, as users write it. */
export type FaultSource<Region extends string> =
  | { readonly 'scale-to-zero': Region }
  /** `share`: of the replicas that stay, 0 to 0.99; unless it is 0 at least one stays. */
  | { readonly 'scale-to': { readonly region: Region; readonly share: number } }
  | { readonly 'health-route': Region }
  /** `add`: with `latency` alone, such as 300ms. */
  | {
      readonly edge: {
        readonly region: Region;
        readonly how: 'latency' | 'refuse' | 'black-hole' | 'reset';
        readonly add?: string;
      };
    }
  /** The first is the one whose loss is judged. */
  | { readonly partition: { readonly between: readonly [Region, Region] } }
  | { readonly 'name-server': { readonly region: Region; readonly address: string } }
  /** Records of the zone changed by hand; the services of "aws.ecs". */
  | { readonly records: Region }
  | { readonly 'ecs-service': Region };

/** Whether users of the region may go on being served by it: then that nobody noticed is a pass too. */
export function mayStay(plan: FaultPlan): boolean {
  switch (plan.kind) {
    case 'scale-to-zero':
    case 'records':
    case 'ecs-service':
      return false;
    case 'scale-to':
      return plan.share > 0;
    case 'edge':
      return plan.how === 'latency';
    case 'health-route':
    case 'partition':
    case 'name-server':
      return true;
  }
}
