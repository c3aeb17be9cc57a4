/** Who is told of drills, with their secrets: read when a command begins, so that what is missing is said before a drill. */
import type { NotifyTarget } from '../../chaos/notify/notice.ts';
import { codeOf } from '../../contract/failure.ts';
import { type Mistake, Mistakes } from '../../contract/mistake.ts';
import type { SecretReference } from '../../contract/secret.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { secretOf } from '../exchange.ts';

/** Throws `Mistakes` when a secret is not where it is said to be, or is no URL where one is wanted. */
export function notifyTargets(
  { notify }: Pick<Scenario, 'notify'>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly NotifyTarget[] {
  const mistakes: Mistake[] = [];

  function revealed(place: string, value: string | SecretReference): string {
    if (typeof value === 'string') return value;
    const got = JSON.stringify('file' in value ? value.file : value.env);
    try {
      const text = secretOf(value, environment);
      if (text === '') mistakes.push({ place, got: 'an empty secret', want: 'a secret on one line' });
      return text;
    } catch (error) {
      mistakes.push({ place, got, want: `a secret that can be read (${codeOf(error) ?? 'not set'})` });
      return '';
    }
  }

  const targets = notify.map((plan, index): NotifyTarget => {
    const place = `notify[${index}].${plan.kind}`;
    const url = revealed(`${place}.url`, plan.url);
    // What it is instead may be a secret of somebody's.
    if (url !== '' && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      mistakes.push({ place: `${place}.url`, got: 'a secret that is no URL', want: 'one that begins with https://' });
    }
    const routingKey = plan.kind === 'pagerduty' ? revealed(`${place}.routingKey`, plan.routingKey) : null;
    return { kind: plan.kind, url, routingKey, on: plan.on };
  });
  if (mistakes.length > 0) throw new Mistakes(mistakes);
  return targets;
}
