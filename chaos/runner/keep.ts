/** What runs keep on the disk, and find there of others: a seam, so that simulated time can wait for the disk. */
import { openEvidence } from '../evidence.ts';
import { openJournal } from '../journal.ts';
import { pastDrills } from '../predict.ts';

export type Keep = {
  readonly openEvidence: typeof openEvidence;
  readonly openJournal: typeof openJournal;
  readonly pastDrills: typeof pastDrills;
};

export const onDisk: Keep = { openEvidence, openJournal, pastDrills };
