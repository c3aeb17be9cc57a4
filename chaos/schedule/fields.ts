/** Five fields of cron, as days and minutes of any calendar: node-cron reads them. */
import { parse } from 'node-cron';

export type CronFields = {
  /** Minutes after midnight, in order. */
  readonly minutes: readonly number[];
  /** `dayMs`: midnight of a date as if it were UTC's. */
  isOn(dayMs: number): boolean;
};

/** Throws on what the reader of scenarios does not let pass. */
export function cronFields(cron: string): CronFields {
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(cron);
  const minutes = hour.flatMap((hours) => minute.map((rest) => hours * 60 + rest)).toSorted((a, b) => a - b);
  const [days, months] = [new Set<unknown>(dayOfMonth), new Set(month)];
  return {
    minutes,
    isOn(dayMs) {
      const date = new Date(dayMs);
      const day = date.getUTCDate();
      return days.has(day) && months.has(date.getUTCMonth() + 1) && dayOfWeek.some((one) => isWeekday(one, date));
    },
  };
}

/** A weekday, or the n-th of its kind in the month: `1#2`. */
function isWeekday(one: number | string, date: Date): boolean {
  const [weekday, nth] = String(one).split('#').map(Number);
  if (weekday === undefined || weekday % 7 !== date.getUTCDay()) return false;
  return nth === undefined || Math.ceil(date.getUTCDate() / 7) === nth;
}
