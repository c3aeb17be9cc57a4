/** Servers that speak in the clear until they are asked for TLS in their protocol's words, and then over it, line by line. */
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { StartTlsProtocol } from '../../contract/tcp.ts';
import { talks } from './dialogue.ts';
import { type TcpTarget, tcpTarget } from './tcp-target.ts';

type Secret = { readonly cert: string; readonly key: string };
/** What it says first, and to the first question on; `null` begins the handshake after the answer before it. */
type Part = { readonly greeting?: string; readonly answers: Readonly<Record<string, readonly string[]>> };

const lines: Readonly<Record<'smtp' | 'imap' | 'pop3' | 'ftp', Part>> = {
  smtp: {
    greeting: '220-mail.test\r\n220 ready\r\n',
    answers: { 'EHLO blackstart': ['250-mail.test\r\n', '250-STARTTLS\r\n', '250 HELP\r\n'], STARTTLS: ['220 go\r\n'] },
  },
  imap: { greeting: '* OK ready\r\n', answers: { 'a1 STARTTLS': ['* CAPABILITY IMAP4rev1\r\n', 'a1 OK begin\r\n'] } },
  pop3: { greeting: '+OK ready\r\n', answers: { STLS: ['+OK begin\r\n'] } },
  ftp: { greeting: '220 ready\r\n', answers: { 'AUTH TLS': ['234 begin\r\n'] } },
};
/** By the bytes asked, in hex. */
const binary: Readonly<Record<'ldap' | 'postgres', readonly [question: string, answer: string]>> = {
  ldap: [
    '301d02010177188016312e332e362e312e342e312e313436362e3230303337',
    '308400000010020101788400000007' + '0a010004000400',
  ],
  postgres: ['0000000804d2162f', '53'],
};

/** `refusal`: what it says instead of going on; in hex for the protocols that are no lines. */
export function startTlsServer(
  protocol: StartTlsProtocol,
  secret: Secret,
  refusal?: string,
  host?: string,
): Promise<TcpTarget> {
  const secureContext = createSecureContext(secret);
  function secure(socket: Socket): void {
    socket.removeAllListeners('data');
    const upgraded = new TLSSocket(socket, { isServer: true, secureContext });
    upgraded.on('error', () => undefined);
    talks(upgraded, undefined, (line) => `heard ${line}\r\n`);
  }
  return tcpTarget((socket) => {
    if (protocol === 'ldap' || protocol === 'postgres') {
      const [question, answer] = binary[protocol];
      let asked = '';
      socket.on('data', (chunk: Buffer) => {
        asked += chunk.toString('hex');
        if (asked === question) socket.write(Buffer.from(refusal ?? answer, 'hex'), () => secure(socket));
      });
      return;
    }
    const { greeting, answers } = lines[protocol];
    const last = Object.keys(answers).at(-1);
    talks(socket, greeting, (line) => {
      if (line !== last) return answers[line]?.join('');
      socket.write(refusal ?? answers[line]?.join('') ?? '', () => secure(socket));
      return undefined;
    });
  }, host);
}
