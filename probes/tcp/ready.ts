/** How each protocol is asked for TLS. */
import type { StartTlsProtocol } from '../../contract/tcp.ts';
import { elements } from '../tls/der.ts';
import type { DialogueStep } from './dialogue.ts';

/** RFC 4511 §4.14: an extended request with the object identifier of StartTLS, message 1. */
const ldapRequest = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from('1.3.6.1.4.1.1466.20037'),
]);
const ldapResponseTag = 0x78;
const maxLdapBytes = 65_536;

/** PostgreSQL's SSLRequest: its length, and a number that is no version. */
const postgresRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** The last step ends with the handshake. */
export const readyDialogues: { readonly [P in StartTlsProtocol]: readonly DialogueStep[] } = {
  // RFC 3207
  smtp: [
    { expect: '^220( |$)', refuse: '^[45]', send: 'EHLO blackstart\r' },
    { expect: '^250( |$)', refuse: '^[45]', send: 'STARTTLS\r' },
    { expect: '^220( |$)', refuse: '^[45]', startTls: true },
  ],
  // RFC 3501 §6.2.1
  imap: [
    { expect: '^\\* OK', refuse: '^\\* (BYE|PREAUTH)', send: 'a1 STARTTLS\r' },
    { expect: '^a1 OK', refuse: '^a1 ', startTls: true },
  ],
  // RFC 2595 §4
  pop3: [
    { expect: '^\\+OK', refuse: '^-ERR', send: 'STLS\r' },
    { expect: '^\\+OK', refuse: '^-ERR', startTls: true },
  ],
  // RFC 4217 §4
  ftp: [
    { expect: '^220( |$)', refuse: '^[45]', send: 'AUTH TLS\r' },
    { expect: '^234( |$)', refuse: '^[45]', startTls: true },
  ],
  ldap: [{ sendBytes: ldapRequest }, { answer: ldapAnswer, startTls: true }],
  postgres: [{ sendBytes: postgresRequest }, { answer: postgresAnswer, startTls: true }],
};

type Answered = ReturnType<NonNullable<DialogueStep['answer']>>;

/** BER: a sequence of the message's number and the response, which begins with a result code. */
function ldapAnswer(received: Buffer): Answered {
  if (received[0] !== 0x30) return { mistake: 'got no LDAP message' };
  const [message] = elements(received);
  if (message === undefined)
    return received.length < maxLdapBytes ? 'more' : { mistake: 'got an endless LDAP message' };
  const [, response] = elements(message.content);
  const code = response?.tag === ldapResponseTag ? elements(response.content)[0]?.content[0] : undefined;
  if (code === undefined) return { mistake: 'got no extended response, want one' };
  return code === 0 ? { bytes: message.whole.length } : { mistake: `got the LDAP result code ${code}, want 0` };
}

function postgresAnswer(received: Buffer): Answered {
  const said = received.toString('latin1', 0, 1);
  // Whoever says more in the clear would have it taken for what comes in TLS.
  if (said === 'S' && received.length > 1)
    return { mistake: `got "S" and ${received.length - 1} more bytes, want "S"` };
  return said === 'S' ? { bytes: 1 } : { mistake: `got ${JSON.stringify(said)}, want "S": it speaks no TLS` };
}
