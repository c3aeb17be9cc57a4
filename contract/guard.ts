/** The guard's ladder, by the names of its rules: scenarios override by them, refusals and docs/drills/refusals.md tell them. */
export const ruleNames = [
  'guard.fleet-healthy',
  'guard.last-healthy-region',
  'guard.vantages',
  'guard.open-drill',
  'guard.allowed',
  'guard.restore-right',
  'guard.headroom',
  'guard.hours',
  'guard.freeze',
  'guard.error-budget',
  'guard.credentials',
  'guard.reconciler',
  'guard.disruption-budget',
  'guard.undo',
] as const;
export type RuleName = (typeof ruleNames)[number];

/** Without these a drill could not be mended, or was never meant to be: no reason overrides them. */
const neverOverridden: ReadonlySet<RuleName> = new Set<RuleName>([
  'guard.allowed',
  'guard.restore-right',
  'guard.credentials',
  'guard.undo',
]);

export function mayBeOverridden(rule: RuleName): boolean {
  return !neverOverridden.has(rule);
}
