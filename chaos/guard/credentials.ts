import { formatMs } from '../../contract/units.ts';
import type { GuardFacts, Objection } from './facts.ts';

/**
 * Credentials have to last until everything is back. Those that are made anew by themselves (a plugin, a token file that
 * is kept fresh) are taken to go on; what cannot be read does not tell when it ends, and is not held against a drill.
 */
export function outlive({ wallMs, context, credentials, neededForMs }: GuardFacts): Objection | undefined {
  const ending = credentials.flatMap(({ what, expiresAtMs, renewed }) =>
    expiresAtMs === null || renewed || expiresAtMs >= wallMs + neededForMs ? [] : [{ what, expiresAtMs }],
  );
  if (ending.length === 0) return undefined;
  const names = ending.map(({ what, expiresAtMs }) => {
    const at = new Date(expiresAtMs).toISOString();
    const leftMs = expiresAtMs - wallMs;
    return leftMs <= 0 ? `${what} expired at ${at}` : `${what} expires at ${at}, in ${formatMs(leftMs)}`;
  });
  return {
    because: `credentials for ${context} have to last ${formatMs(neededForMs)}, which is the deadline of the drill and the time that restoring may take: ${names.join('; ')}`,
    remedy: 'renew them first, or give the drill a shorter deadline',
  };
}
