import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import { sleep } from '../../contract/clock.ts';
import { federateProtobuf, federateText } from '../federation/federate.ts';
import { parseSelector, type Selector } from '../federation/matchers.ts';
import { SelectorError } from '../federation/selector-error.ts';
import type { Cut } from '../metrics/cut.ts';
import { type Chosen, chooseEncoding, chooseFormat, type Format } from '../metrics/negotiate.ts';
import { renderText } from '../metrics/render.ts';
import { renderProtobuf } from '../metrics/render-protobuf.ts';
import type { Core } from './core.ts';
import { Problem } from './problem.ts';
import { answerInPieces, type Pieces, readers } from './slow-reader.ts';

/** Beyond so many at the same time, a scrape has to wait, unless one has been read for longer than any healthy one is. */
const limits = { most: 8, slowAfterMs: 5_000 } as const;
const scrapeWithinMs = 60_000;
const maxSelectors = 256;

export function exposeMetrics(app: Hono, core: Core): void {
  const scrapes = readers(core.clock, limits);
  const reading = {
    clock: core.clock,
    limitMs: scrapeWithinMs,
    reading: scrapes.open,
    onFailed(error: unknown) {
      const why = error instanceof Error ? error.stack : String(error);
      core.log.error({ error: why }, 'a scrape could not be answered to its end');
    },
  };
  let starting = 0;

  /** Takes a cut and writes it out, as the scraper wants it. */
  async function answer(
    context: Context,
    formats: readonly Format[],
    write: (cut: Cut, chosen: Chosen) => Pieces,
  ): Promise<Response> {
    if (starting >= limits.most || !scrapes.hasRoom(() => core.refused('slow-reader'))) {
      core.refused('too-many-scrapes');
      const message = `${limits.most} scrapes are being read`;
      throw new Problem(503, 'overloaded', message, 'scrape again later, and read faster');
    }
    starting += 1;
    try {
      const chosen = chooseFormat(context.req.header('accept'), formats);
      const encoding = chooseEncoding(context.req.header('accept-encoding'));
      const headers = { 'content-type': chosen.contentType, vary: 'Accept, Accept-Encoding' };
      const packing = encoding === 'identity' ? headers : { ...headers, 'content-encoding': encoding };
      // A body that nobody reads would hold the place of a reader.
      if (context.req.raw.method === 'HEAD') return context.body(null, 200, packing);
      const cut = await core.cut();
      // What came in meanwhile has its turn, before writing begins.
      await sleep(core.clock, 0);
      const pieces = releasing(cut, write(cut, chosen));
      const { outgoing } = context.env as HttpBindings;
      await answerInPieces(outgoing as ServerResponse, { pieces, encoding, headers: packing }, reading);
      return RESPONSE_ALREADY_SENT;
    } finally {
      starting -= 1;
    }
  }

  app.get('/metrics', (context) =>
    answer(context, ['text', 'openmetrics', 'protobuf'], (cut, { format }) =>
      format === 'protobuf' ? renderProtobuf(cut, core.clock) : renderText(cut, format, core.clock),
    ),
  );

  app.get('/federate', async (context) => {
    const texts = readMatches(context.req.url);
    if (typeof texts === 'string') return refused(context, texts);
    if (texts.length > maxSelectors) return refused(context, `more than ${maxSelectors} selectors`);
    let selectors: readonly Selector[];
    try {
      selectors = texts.map(parseSelector);
    } catch (error) {
      if (error instanceof SelectorError) return refused(context, error.message);
      throw error;
    }
    return answer(context, ['text', 'protobuf'], (cut, { format }) =>
      format === 'protobuf' ? federateProtobuf(cut, selectors, core.clock) : federateText(cut, selectors, core.clock),
    );
  });
}

/** The cut is needed until its last piece was read, or nobody reads on. */
async function* releasing(cut: Cut, pieces: Pieces): Pieces {
  try {
    yield* pieces;
  } finally {
    cut.series.release();
  }
}

/** As Prometheus refuses. */
function refused(context: Context, message: string): Response {
  return context.text(`${message}\n`, 400, { 'x-content-type-options': 'nosniff' });
}

/** What `match[]` says, as often as it is there; a text says what is wrong with the query, in Go's words. */
function readMatches(url: string): readonly string[] | string {
  const query = new URL(url).search;
  if (query.includes(';')) return 'error parsing form values: invalid semicolon separator in query';
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(query)?.[0];
  if (wrong !== undefined) return `error parsing form values: invalid URL escape ${JSON.stringify(wrong)}`;
  return new URLSearchParams(query).getAll('match[]');
}
