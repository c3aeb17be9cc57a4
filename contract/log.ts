/** What a program may say about itself, on stderr. Satisfied by pino. */
export type Log = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
