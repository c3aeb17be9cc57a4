export type Role = 'writer' | 'reader' | 'queue';
export type Call = { readonly id: number; readonly method: string; readonly values: readonly unknown[] };
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly name: string;
      readonly message: string;
      /** SQLite's own, where it is from there. */
      readonly code: number | null;
    };
