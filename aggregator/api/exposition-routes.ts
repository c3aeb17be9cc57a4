import type { Hono } from 'hono';
import { federate } from '../federation/federate.ts';
import { parseSelector, SelectorError } from '../federation/matchers.ts';
import { contentTypes, negotiate } from '../metrics/exposition.ts';
import { render } from '../metrics/render.ts';
import type { Core } from './core.ts';
import { Problem } from './problem.ts';
import { bodyOf } from './slow-reader.ts';

/** Scrapes at the same time: each holds a cut in memory until it is read. */
const maxScrapes = 8;
const scrapeWithinMs = 60_000;
const maxSelectors = 256;

export function exposeMetrics(app: Hono, core: Core): void {
  let scrapes = 0;

  app.get('/metrics', async (context) => {
    if (scrapes >= maxScrapes) {
      throw new Problem(503, 'overloaded', `${scrapes} scrapes are being read`, 'scrape again later, and read faster');
    }
    scrapes += 1;
    try {
      const format = negotiate(context.req.header('accept'));
      const cut = await core.cut();
      const body = bodyOf(render(cut, format, core.clock), core.clock, scrapeWithinMs, () => {
        scrapes -= 1;
      });
      return context.body(body, 200, { 'content-type': contentTypes[format] });
    } catch (error) {
      scrapes -= 1;
      throw error;
    }
  });

  app.get('/federate', async (context) => {
    const texts = context.req.queries('match[]') ?? [];
    if (texts.length > maxSelectors) return context.text(`more than ${maxSelectors} selectors\n`, 400);
    try {
      const selectors = texts.map(parseSelector);
      const body = selectors.length === 0 ? '' : federate(await core.cut(), selectors);
      return context.body(body, 200, { 'content-type': contentTypes.text });
    } catch (error) {
      if (error instanceof SelectorError) return context.text(`${error.message}\n`, 400);
      throw error;
    }
  });
}
