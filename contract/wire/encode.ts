import { toColumns } from './columns.ts';
import { type FromAgent, type FromAggregator, wireVersion } from './frames.ts';

/** A frame as the text that goes over the link. */
export function encode(frame: FromAgent | FromAggregator): string {
  switch (frame.type) {
    case 'results': {
      const { boot, fromSeq, results } = frame;
      return text({ type: 'results', boot, fromSeq, ...toColumns(results) });
    }
    case 'assign': {
      const { type, version, assignment } = frame;
      return text({ ...assignment, type, version });
    }
    case 'hello':
    case 'welcome':
    case 'gap':
    case 'ack':
    case 'mark':
    case 'hold':
    case 'ping':
    case 'pong':
    case 'burst':
      return text(frame);
  }
}

function text(body: object): string {
  return JSON.stringify({ v: wireVersion, ...body });
}
