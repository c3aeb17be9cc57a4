/** A secret as it is now: one that may be replaced while we run is asked for anew every time it is used. */
export type Secret = string | (() => string);

export function reveal(secret: Secret): string {
  return typeof secret === 'string' ? secret : secret();
}

/** A secret is never in a scenario or an assignment: only where it is. Resolved where it is used. */
export type SecretReference = { readonly file: string } | { readonly env: string };
