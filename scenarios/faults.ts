/** What a scenario may ask a drill to break. */
export type FaultPlan =
  | { readonly kind: 'scale-to-zero'; readonly region: string }
  /** `share`: of the replicas that stay, 0 to 1. */
  | { readonly kind: 'scale-to'; readonly region: string; readonly share: number }
  /** Records changed by hand; services of ECS. */
  | { readonly kind: 'records'; readonly region: string }
  | { readonly kind: 'ecs-service'; readonly region: string };

export type FaultName = FaultPlan['kind'];

/** One kind's plan. */
export type PlanOf<K extends FaultName> = Extract<FaultPlan, { readonly kind: K }>;
