import { formatRatio } from '../../contract/units.ts';
import type { GuardFacts, Objection } from './facts.ts';

/** A drill whose outcome is known before it begins takes a region away for nothing. */
export function achievable({ limits }: GuardFacts): Objection | undefined {
  const hopeless = limits.filter(({ possible }) => !possible);
  if (hopeless.length === 0) return undefined;
  const names = hopeless.map(({ entry, way, because }) => `${entry}, ${way}: ${because}`);
  const others = limits.filter(({ possible, probability }) => possible && probability !== null);
  const rest = others.map(({ entry, way, probability }) => `${entry}, ${way} ${formatRatio(probability ?? 0)}`);
  const beside = rest.length === 0 ? '' : `; of the others will be met: ${rest.join(', ')}`;
  return {
    because: `${hopeless.length} of ${limits.length} limits cannot be met, whatever happens: ${names.join('; ')}${beside}`,
    remedy: 'lower the interval, the threshold or the TTL, raise the limit, or override the rule with a reason',
  };
}
