/** The table of probers, by the name that a module gives. */
import type { ModuleProbe } from './run.ts';
import { probeDns } from './series/dns.ts';
import { probeGrpc } from './series/grpc.ts';
import { probeHttp } from './series/http.ts';
import { probeIcmp } from './series/icmp.ts';
import { probeTcp } from './series/tcp.ts';
import { probeUnix } from './series/unix.ts';

const moduleProbers: ReadonlyMap<string, ModuleProbe> = new Map([
  ['http', probeHttp],
  ['tcp', probeTcp],
  ['dns', probeDns],
  ['icmp', probeIcmp],
  ['grpc', probeGrpc],
  ['unix', probeUnix],
]);

/** `undefined` for a name that is no prober's: files may have any. */
export function proberOf(name: string): ModuleProbe | undefined {
  return moduleProbers.get(name);
}
