/** `prober: unix`: the dialogue of tcp over a socket in the file system. */
import { tlsSettings } from '../material.ts';
import type { ModuleProbe } from '../run.ts';
import { dialogueSeries, dialogueSteps } from './dialogue.ts';

export const probeUnix: ModuleProbe = async (target, { unix }, run) => {
  const { serverName, insecureSkipVerify } = unix.tlsConfig;
  if (unix.tls && serverName === '' && !insecureSkipVerify) {
    run.log.error('Error dialing unix', { err: 'tls: either server_name or insecure_skip_verify must be specified' });
    return false;
  }
  const spoken = await run.engines.converse(
    {
      host: 'localhost',
      port: 0,
      family: 'ip4',
      resolveWith: 'system',
      unixPath: target,
      tls: unix.tls,
      ...(serverName !== '' && { tlsName: serverName }),
      tlsSettings: await tlsSettings(unix.tlsConfig),
      steps: dialogueSteps(unix.queryResponse),
    },
    run.context,
  );
  return dialogueSeries(spoken, unix.tls, run);
};
