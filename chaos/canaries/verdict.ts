import type { CanaryLoss, CanaryReport } from '../../contract/canaries.ts';
import { formatMs } from '../../contract/units.ts';
import { type Status, worst } from '../../contract/verdict.ts';
import { shownBounds } from '../report/numbers.ts';
import { countOf, shownNumbers, shownRanges } from './facts.ts';
import type { DrillTimes } from './judge.ts';

type Part = { readonly status: Status; readonly because: string };
type Shown = Omit<CanaryReport, 'verdict' | 'findings'>;

/** The worst of all that is asked; its sentence has the numbers. */
export function verdictOf(shown: Shown, drill: DrillTimes): Part {
  if (drill.t0 === null) {
    return told([{ status: 'inconclusive', because: 'nothing was injected' }, ...erasedPart(shown)]);
  }
  return told([
    ...splitPart(shown),
    ...doublesPart(shown),
    ...Object.entries(shown.forbidden).map(
      ([region, count]): Part => ({
        status: 'fail',
        because: `${count} were in ${region}, where a residency rule forbids them`,
      }),
    ),
    lossPart(shown, shown.atFailover, `without ${drill.region}`),
    lossPart(shown, shown.atEnd, 'after failback'),
    ...erasedPart(shown),
  ]);
}

function told(parts: readonly Part[]): Part {
  const status = worst(parts.map((part) => part.status));
  const telling = parts.filter((part) => part.status === status);
  return { status, because: `canaries: ${telling.map(({ because }) => because).join('; ')}` };
}

function splitPart({ splitBrain }: Shown): readonly Part[] {
  return splitBrain.map(({ regions, numbers }) => ({
    status: 'fail',
    because: `split brain: ${regions.join(' and ')} both acknowledged ${shownRanges(numbers)}`,
  }));
}

function doublesPart({ stores }: Shown): readonly Part[] {
  return stores
    .filter(({ doubles }) => countOf(doubles) > 0)
    .map(({ region, doubles }) => ({
      status: 'fail',
      because: `${countOf(doubles)} are in the store of ${region} more than once (${shownNumbers(doubles)})`,
    }));
}

function lossPart({ rpoMs }: Shown, loss: CanaryLoss | null, when: string): Part {
  if (loss === null) return { status: 'inconclusive', because: `no store was read ${when}` };
  if (loss.acknowledged === 0)
    return { status: 'inconclusive', because: `no write was acknowledged, so nothing is shown ${when}` };
  const { span, missing, unknown, acknowledged } = loss;
  const lost = countOf(missing);
  const names = lost === 0 ? '' : ` (${shownNumbers(missing)})`;
  const dark = countOf(unknown) === 0 ? '' : `, ${countOf(unknown)} are not known`;
  const because = `${lost} of ${acknowledged} acknowledged writes are missing ${when}${names}${dark}: a span of ${shownBounds(span)}, limit ${formatMs(rpoMs)}`;
  if (span.lowerMs > rpoMs) return { status: 'fail', because };
  return { status: span.upperMs <= rpoMs ? 'pass' : 'inconclusive', because };
}

/** What stays behind is never a pass. */
function erasedPart({ erased, attempts }: Shown): readonly Part[] {
  if (attempts === 0) return [];
  if (erased === null) return [{ status: 'inconclusive', because: 'they were not erased yet' }];
  const left = Object.entries(erased.left).map(([region, ids]) => `${ids.length} in ${region}`);
  const unread = Object.keys(erased.unread);
  if (left.length > 0) return [{ status: 'fail', because: `not erased: ${left.join(', ')}` }];
  if (unread.length > 0) {
    return [
      { status: 'inconclusive', because: `that all are erased is not proven: ${unread.join(', ')} could not be read` },
    ];
  }
  return [{ status: 'pass', because: `all ${erased.records} erased, and none found since` }];
}
