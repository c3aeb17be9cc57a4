/** What checks of connections, dialogues and TLS may ask, as users write it in TypeScript. */
import type { StartTlsProtocol, TcpStep, TlsExpectation } from '../contract/tcp.ts';
import type { TlsTerms } from '../contract/tls.ts';

type OneOrMore<T> = T | readonly T[];

export type TcpSource = {
  /** That of the endpoint's URL by default; a host of its own has none. */
  readonly port?: number;
  /** `true`: as the agent has it. Without TLS by default. */
  readonly tls?: true | TlsTerms;
  /** TLS begins after this protocol's own words, and the dialogue after that. */
  readonly startTls?: StartTlsProtocol;
  /** What ends a line that is sent: `crlf` by default. */
  readonly lineEnd?: 'crlf' | 'lf';
  /** An open connection is enough by default. */
  readonly dialogue?: readonly TcpStep[];
};

export type TlsSource = {
  /** That of the protocol by default, else that of the endpoint's URL, else 443. */
  readonly port?: number;
  /** As the agent has it by default. */
  readonly tls?: TlsTerms;
  readonly startTls?: StartTlsProtocol;
  readonly expect?: {
    readonly [K in keyof TlsExpectation]: TlsExpectation[K] extends readonly (infer T)[] | undefined
      ? OneOrMore<T>
      : TlsExpectation[K];
  };
};
