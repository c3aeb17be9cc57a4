/** Who a restorer is on its drill's Lease. */
const prefix = 'restorer-';

/** One name for each process. */
export function restorerHolder(instance: string): string {
  return `${prefix}${instance}`;
}

export function isRestorer(holder: string): boolean {
  return holder.startsWith(prefix);
}
