/** What an http check may ask and expect, as users write it in TypeScript. */
import type {
  AnswerVersion,
  CertificateExpectation,
  HeaderPattern,
  HttpOptions,
  HttpProxy,
  JsonExpectation,
} from '../contract/check.ts';
import type { SecretReference } from '../contract/secret.ts';

type OneOrMore<T> = T | readonly T[];

export type HttpExpectationSource = {
  readonly status?: OneOrMore<number>;
  readonly headers?: { readonly [name: string]: string };
  readonly bodyContains?: OneOrMore<string>;
  readonly versions?: OneOrMore<AnswerVersion>;
  readonly headerMatches?: readonly HeaderPattern[];
  /** RE2. */
  readonly bodyMatches?: OneOrMore<string>;
  readonly bodyNotMatches?: OneOrMore<string>;
  readonly json?: readonly JsonExpectation[];
  /** CEL over `body`, `status` and `headers`. */
  readonly cel?: OneOrMore<string>;
  readonly certificate?: {
    readonly [K in keyof CertificateExpectation]: CertificateExpectation[K] extends readonly (infer T)[] | undefined
      ? OneOrMore<T>
      : CertificateExpectation[K];
  };
};

export type HttpOptionsSource = Omit<HttpOptions, 'httpVersions' | 'authorization'> & {
  /** Offered by ALPN; HTTP/1.1 alone by default. */
  readonly httpVersions?: OneOrMore<'1.1' | '2'>;
  readonly authorization?:
    | { readonly basic: { readonly username: string; readonly password: SecretReference } }
    | { readonly bearer: { readonly type?: string; readonly credentials: SecretReference } }
    | {
        readonly oauth2: {
          readonly clientId: string;
          readonly clientSecret: SecretReference;
          readonly tokenUrl: string;
          readonly scopes?: readonly string[];
          readonly parameters?: { readonly [name: string]: string };
        };
      };
  readonly proxy?: HttpProxy;
};
