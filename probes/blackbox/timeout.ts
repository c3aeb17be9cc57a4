/** How long a probe may take: what Prometheus says that it will wait, less an offset, or what the module says. */

/** Without a word of Prometheus. */
const defaultSeconds = 120;

export type ScrapeTimeout =
  | { readonly ok: true; readonly seconds: number }
  | { readonly ok: false; readonly mistake: string };

/**
 * `header`: X-Prometheus-Scrape-Timeout-Seconds as it came. The module's own time, 0 for none, has no offset; it counts
 * where it is the shorter, and where the offset leaves nothing of the header's.
 */
export function scrapeTimeout(header: string | undefined, moduleSeconds: number, offsetSeconds: number): ScrapeTimeout {
  let seconds = 0;
  if (header !== undefined && header !== '') {
    const parsed = parseFloatText(header);
    if (typeof parsed === 'string') return { ok: false, mistake: parsed };
    seconds = parsed;
  }
  if (seconds === 0) seconds = defaultSeconds;
  const most = seconds - offsetSeconds;
  const isModules = (moduleSeconds < most && moduleSeconds > 0) || most < 0;
  return { ok: true, seconds: isModules ? moduleSeconds : most };
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const special = /^([+-]?)(inf|infinity|nan)$/i;

/** A number, or why it is none, in the words that users of blackbox_exporter know. */
function parseFloatText(text: string): number | string {
  const named = special.exec(text);
  if (named !== null) {
    if (named[2]?.toLowerCase() === 'nan') return named[1] === '' ? Number.NaN : invalid(text);
    return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!decimal.test(text)) return invalid(text);
  const value = Number(text);
  return Number.isFinite(value) ? value : `strconv.ParseFloat: parsing ${JSON.stringify(text)}: value out of range`;
}

function invalid(text: string): string {
  return `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`;
}
