import type { StoredResult } from '../../contract/api.ts';
import type { Result } from '../../contract/result.ts';
import { parseFromAgent } from '../../contract/wire.ts';
import { middleMs, offsetAt } from '../clock-offset.ts';
import type { BlockRow, CheckRow } from './rows.ts';

/** The results of a block that counted, in the order of their ids. Empty when the frame cannot be read any more. */
export function resultsOf(block: BlockRow): readonly Result[] {
  const parsed = parseFromAgent(block.frame);
  if (!parsed.ok || parsed.frame.type !== 'results') return [];
  return parsed.frame.results.slice(block.skip, block.skip + block.count);
}

/** A result as the API gives it. */
export function storedResult(
  result: Result,
  id: number,
  block: Pick<BlockRow, 'agent' | 'boot' | 'vantage' | 'clock'>,
  check: Pick<CheckRow, 'name' | 'entry'> | undefined,
): StoredResult {
  const offset = offsetAt(block.clock, result.startMs);
  const { agent, boot, vantage } = block;
  const { check: checkId, ...rest } = result;
  const atMs = result.startMs + middleMs(offset);
  return {
    ...rest,
    id,
    check: check?.name ?? checkId,
    checkId,
    entry: check?.entry ?? null,
    agent,
    boot,
    vantage,
    offset,
    atMs,
  };
}

/** How `BlockRow.names` holds a name. */
export function between(name: string): string {
  return `\n${name}\n`;
}
