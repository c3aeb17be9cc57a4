/** Addresses that hand out a machine's credentials or that no route leads to: asked only when they were allowed by themselves. */
import { type Range, rangeOf } from './literal.ts';

type Guarded = { readonly range: Range; readonly what: string };

/** In each cloud's own documentation. Those in IPv4 that are not here are link-local. */
const metadata = [
  '169.254.169.254', // most clouds
  '169.254.170.2', // Amazon ECS: credentials of a task
  '169.254.170.23', // Amazon EKS: credentials of a pod
  'fd00:ec2::254', // Amazon EC2
  'fd00:ec2::23', // Amazon EKS
  'fd20:ce::254', // Google Compute Engine
  'fd00:c1::a9fe:a9fe', // Oracle Cloud
  '192.0.0.192', // Oracle Cloud, before
  '100.100.100.200', // Alibaba Cloud
  '100.96.0.96', // Volcengine
  '168.63.129.16', // Azure: the host of a virtual machine
  'fd00:42::42', // Scaleway
];
const linkLocal = ['169.254.0.0/16', 'fe80::/10', '224.0.0.0/24', 'ff02::/16'];

function guarded(texts: readonly string[], what: string): Guarded[] {
  return texts.flatMap((text) => {
    const range = rangeOf(text);
    return range === undefined ? [] : [{ range, what }];
  });
}

export const guardedRanges: readonly Guarded[] = [
  ...guarded(metadata, "a cloud's metadata address"),
  ...guarded(linkLocal, 'a link-local address'),
];
