/** When drills are due, as a scenario says it. */

export type SchedulePlan = {
  /** Five fields, as users wrote them: minute, hour, day of the month, month, weekday. */
  readonly cron: string;
  /** Whose wall clock they are read by. */
  readonly timeZone: string;
  /** A drill that has not begun so long after it was due is overdue. */
  readonly graceMs: number;
};

/** As users write it: by UTC where it is text alone. */
export type ScheduleSource =
  | string
  | {
      readonly cron: string;
      /** Of the IANA database, such as Europe/Berlin; UTC by default. */
      readonly timeZone?: string;
      /** 1h by default. */
      readonly grace?: string;
    };
