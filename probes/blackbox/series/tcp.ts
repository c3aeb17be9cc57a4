/** `prober: tcp`: a connection, TLS where asked for, and a dialogue of lines. */
import { isIP } from 'node:net';
import { tlsSettings } from '../material.ts';
import { choose, type ModuleProbe } from '../run.ts';
import { portNumber, splitHostPort } from '../target.ts';
import { dialogueSeries, dialogueSteps } from './dialogue.ts';

export const probeTcp: ModuleProbe = async (target, { tcp }, run) => {
  const { log } = run;
  const split = splitHostPort(target);
  if (!split.ok) {
    log.error('Error splitting target address and port', { err: split.mistake });
    return false;
  }
  const { host, port: portText } = split.value;
  const { address } = await choose(host, tcp, run);
  if (address === null) return false;
  const source = tcp.sourceIpAddress;
  if (source !== '' && isIP(source) === 0) {
    log.error('Error parsing source ip address', { srcIP: source });
    return false;
  }
  const port = portNumber(portText);
  if (port === undefined) {
    log.error('Error dialing TCP', { err: `address ${target}: got port ${portText}, want 0 to 65535` });
    return false;
  }
  const spoken = await run.engines.converse(
    {
      host: address,
      port,
      family: isIP(address) === 6 ? 'ip6' : 'ip4',
      resolveWith: 'system',
      ...(source !== '' && { sourceAddress: source }),
      tls: tcp.tls,
      tlsName: tcp.tlsConfig.serverName === '' ? host : tcp.tlsConfig.serverName,
      tlsSettings: await tlsSettings(tcp.tlsConfig),
      steps: dialogueSteps(tcp.queryResponse),
    },
    run.context,
  );
  return dialogueSeries(spoken, tcp.tls, run);
};
