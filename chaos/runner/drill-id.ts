/** What a drill is called everywhere: in Leases, annotations, files and notices. */
import type { Clock } from '../../contract/clock.ts';
import { hashOf, type Random } from '../../contract/random.ts';

/** `lose-us-east-1-20261121t084210-3f2a`: names Leases too, so lower case, letters, digits and hyphens. */
export function drillId(name: string, clock: Clock, random: Random): string {
  const at = new Date(clock.nowMs())
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .toLowerCase();
  const chance = hashOf(`${random()}`).toString(16).padStart(8, '0').slice(0, 4);
  return `${plainName(name)}-${at}-${chance}`;
}

/** Whether that is the id of a run of the drill of that name. */
export function isRunOf(name: string, id: string): boolean {
  return id.replace(endOfId, '') === plainName(name);
}

/** The name in an id: as the scenario has it, but for what an id cannot hold. */
export function nameInId(id: string): string {
  return id.replace(endOfId, '');
}

const endOfId = /-\d{8}t\d{6}-[0-9a-f]{4}$/;

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
}
