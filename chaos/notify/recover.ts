/** What `drill recover` tells of a drill whose runner is gone: what that opened with somebody is closed, or stays open. */
import type { Clock } from '../../contract/clock.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { OpenDrill } from '../recover/find.ts';
import type { Mended } from '../recover/mend.ts';
import { isRunOf, nameInId } from '../runner/drill-id.ts';
import type { NoticeOf } from './notice.ts';
import type { Notifier } from './notifier.ts';

/**
 * Once for each drill that is mended, or cannot be: a restorer may have said it before, and whoever was told twice has
 * one key a drill to tell by. Nothing of a drill that another holds.
 */
export function tellMended(
  { drill, undo }: Pick<OpenDrill, 'drill' | 'undo'>,
  mended: Mended,
  { service, drills }: Scenario,
  { notify, clock }: { readonly notify: Notifier; readonly clock: Clock },
): void {
  const { region, fault } = undo;
  // With the name as its runner gave it, which is a label of its alerts.
  const name = drills.find((plan) => isRunOf(plan.name, drill))?.name ?? nameInId(drill);
  const of: NoticeOf = { drill, name, scenario: service, region, fault: `${fault} ${region}` };
  const common = { ...of, atMs: clock.wallMs(), by: 'recover' } as const;
  const who = `Drill ${name} of ${service}: its runner is gone`;
  if (mended.kind === 'mended') {
    notify.tell({
      ...common,
      kind: 'restored',
      text: `${who}, and "drill recover" saw to it that ${region} is as it was`,
    });
  } else if (mended.kind === 'not-restored') {
    const text = `${who}, and ${region} is NOT restored: ${mended.left.join('; ')}`;
    notify.tell({ ...common, kind: 'not-restored', text });
  }
}
