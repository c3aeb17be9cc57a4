/** What was opened and has to be closed, the last first. One that fails to close does not keep the others open. */
export type Closers = { add<T extends { close(): void | Promise<void> }>(opened: T): T; close(): Promise<void> };

export function closers(): Closers {
  const opened: (() => void | Promise<void>)[] = [];
  return {
    add(one) {
      opened.push(() => one.close());
      return one;
    },
    async close() {
      const failures: unknown[] = [];
      for (const close of opened.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
