/** The last assignment, on disk: an agent that starts while the aggregator is away goes on with it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Assignment, emptyAssignment } from '../contract/check.ts';
import type { Log } from '../contract/log.ts';
import { encode, parseFromAggregator } from '../contract/wire.ts';

export type AssignmentFile = {
  /** The empty assignment where there is none, or none that can be read. */
  load(): Assignment;
  /** Whole or not at all. An agent goes on without it when the disk takes nothing. */
  save(assignment: Assignment): void;
};

export function assignmentFile(stateDir: string, log: Log): AssignmentFile {
  const file = join(stateDir, 'assignment.json');
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch {
        return emptyAssignment;
      }
      const parsed = parseFromAggregator(text);
      if (parsed.ok && parsed.frame.type === 'assign') return parsed.frame.assignment;
      log.warn({ file }, 'the last assignment cannot be read; waiting for the aggregator');
      return emptyAssignment;
    },
    save(assignment) {
      try {
        mkdirSync(stateDir, { recursive: true });
        // The link's own text, so that one reader knows both.
        writeFileSync(`${file}.new`, encode({ type: 'assign', version: assignment.version, assignment }));
        renameSync(`${file}.new`, file);
      } catch (error) {
        log.warn({ file, error: String(error) }, 'the assignment could not be kept on disk');
      }
    },
  };
}
