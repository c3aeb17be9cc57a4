/** What a Kubernetes API has to do for drills: one table, for the lab's and for a real one. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { accessRows } from './kubernetes/access-rows.ts';
import { accountRows } from './kubernetes/account-rows.ts';
import { type Client, type Connection, clientOf } from './kubernetes/client.ts';
import { customRows } from './kubernetes/custom-rows.ts';
import { jobRows } from './kubernetes/job-rows.ts';
import { objectRows } from './kubernetes/object-rows.ts';
import { placeOf, type Row, settle } from './kubernetes/row.ts';
import { scaleRows } from './kubernetes/scale-rows.ts';
import { watchRows } from './kubernetes/watch-rows.ts';

export type { Connection } from './kubernetes/client.ts';

const table: Readonly<Record<string, readonly Row[]>> = {
  'the scale of a Deployment': scaleRows,
  'who may do what': accessRows,
  'objects and versions': objectRows,
  watches: watchRows,
  'a ServiceAccount and its Role': accountRows,
  'Jobs and owners': jobRows,
  'custom resources': customRows,
};

/** Registers a test for each row. A row that needs what the connection does not offer is skipped, by name. */
export function kubernetesConformance(connect: () => Promise<Connection>): void {
  let client: Client;
  beforeAll(async () => {
    client = clientOf(await connect());
  });
  afterAll(() => client?.close());
  for (const [part, rows] of Object.entries(table)) {
    describe(part, () => {
      for (const { claim, needs, from, exchange } of rows) {
        test(claim, async ({ skip }) => {
          if (needs !== undefined && !client.at[needs]) skip(`the connection has no ${needs}`);
          const on = placeOf(client);
          if (from !== undefined) await settle(on, from);
          await exchange(on);
        });
      }
    });
  }
}
