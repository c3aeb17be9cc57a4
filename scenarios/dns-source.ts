/** What a dns check may ask and expect, as users write it in TypeScript. */
import type { DnsOptions, RecordExpectation, RecordSection } from '../contract/check.ts';

type OneOrMore<T> = T | readonly T[];

export type RecordTypeText = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT' | (string & {});

export type DnsOptionsSource = Omit<DnsOptions, 'rcodes' | 'validate'> & {
  /** `NOERROR` by default, with a record of the type asked. */
  readonly rcodes?: OneOrMore<string>;
  /** RE2, over the records of each section. */
  readonly validate?: {
    readonly [S in RecordSection]?: { readonly [W in keyof RecordExpectation]?: OneOrMore<string> };
  };
};
