/** Every route of ours against the real blackbox_exporter's: statuses, types, texts, and what debug=true looks like. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparable, read } from './compared.ts';
import { type Answered, type Asking, isBuilt, type Pair, startPair } from './exporters.ts';
import { type WebServer, webServer } from './servers/web.ts';

const scrape = (value: string): Asking => ({ headers: { 'X-Prometheus-Scrape-Timeout-Seconds': value } });
const takes = (encoding: string): Asking => ({ headers: { 'Accept-Encoding': encoding } });
const sendAs = (method: string): Asking => ({ method });

type Row = readonly [name: string, path: string, asking?: Asking];

function objects(rows: readonly Row[]) {
  return rows.map(([name, path, asking]) => ({ name, path, asking }));
}

/** Answered alike to the letter. */
const alike: readonly Row[] = [
  ['no target', '/probe'],
  ['an empty target', '/probe?target=&module=plain'],
  ['an unknown module', '/probe?target=x&module=nobody'],
  ['an unknown module with quotes', '/probe?target=x&module=%22a%22%20b'],
  ['an unknown module and no target', '/probe?module=nobody'],
  ['no default module', '/probe?target=127.0.0.1'],
  ['an unknown prober', '/probe?target=x&module=odd'],
  ['an unknown prober and no target', '/probe?module=odd'],
  ['a hostname that conflicts', '/probe?target=x&module=hosted&hostname=other.example'],
  ['a broken escape in the query', '/probe?target=%zz&module=plain'],
  ['a semicolon in the query', '/probe?target=x;y&module=plain'],
  ['a module said twice', '/probe?module=nobody&module=plain'],
  ['a timeout that is no number', '/probe?target=x&module=plain', scrape('abc')],
  ['a timeout out of range', '/probe?target=x&module=plain', scrape('1e400')],
  ['a timeout with a unit', '/probe?target=x&module=plain', scrape('10s')],
  ['a timeout before an unknown module', '/probe?target=x&module=nobody', scrape('abc')],
  ['a timeout before the target', '/probe?module=plain', scrape('abc')],
  ['an unknown module by HEAD', '/probe?target=x&module=nobody', sendAs('HEAD')],
  ['logs of nothing', '/logs'],
  ['logs of an id that is not there', '/logs?id=4711'],
  ['logs of an id that is none', '/logs?id=abc'],
  ['logs of a negative id', '/logs?id=-1'],
  ['logs of another negative id', '/logs?id=-2'],
  ['logs of an id and a target', '/logs?id=1&target=x'],
  ['logs of a target that is not there', '/logs?target=nobody'],
  ['logs of a target and another module', '/logs?target=nobody&module=plain'],
  ['logs of a module alone', '/logs?module=plain'],
  ['logs of a module and an id', '/logs?module=plain&id=1'],
  ['health', '/-/healthy'],
  ['health by HEAD', '/-/healthy', sendAs('HEAD')],
  ['health by POST', '/-/healthy', sendAs('POST')],
  ['a reload by GET', '/-/reload'],
  ['a reload by PUT', '/-/reload', sendAs('PUT')],
  ['a reload by HEAD', '/-/reload', sendAs('HEAD')],
  ['a reload', '/-/reload', sendAs('POST')],
  ['the modules', '/config'],
];

/** Alike but for their texts, which are made otherwise. */
const alikeInKind: readonly Row[] = [
  ['the front page', '/'],
  ['a page that is not there', '/nowhere'],
  ['readiness', '/-/ready', sendAs('HEAD')],
];

const probes: readonly Row[] = [
  ['a probe by POST', '&module=plain', sendAs('POST')],
  ['a probe by HEAD', '&module=plain', sendAs('HEAD')],
  ['a probe for who takes gzip', '&module=plain', takes('gzip, deflate')],
  ['a probe for who takes anything', '&module=plain', takes('*')],
  ['a probe for who does not take gzip', '&module=plain', takes('gzip;q=0')],
  [
    'a probe for who asks for OpenMetrics',
    '&module=plain',
    { headers: { Accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' } },
  ],
  ['debug that is not true', '&module=plain&debug=1'],
  ['a negative timeout', '&module=plain', scrape('-5')],
  ['a timeout below the offset', '&module=timed', scrape('0.2')],
  ['a timeout below the offset, and none of the module', '&module=plain', scrape('0.2')],
  ['a timeout of 0', '&module=plain', scrape('0')],
  ['a timeout with a fraction', '&module=plain', scrape('2.5')],
];

describe.skipIf(!isBuilt)('against blackbox_exporter', () => {
  let dir = '';
  let pair: Pair | undefined;
  let web: WebServer | undefined;
  let target = '';

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'blackstart-blackbox-'));
    web = await webServer();
    target = `127.0.0.1:${web.port}/text`;
    const file = join(dir, 'blackbox.yml');
    writeFileSync(file, modules);
    pair = await startPair(file);
  });
  afterAll(async () => {
    await Promise.all([pair?.real.stop(), pair?.ours.stop(), web?.close()]);
    rmSync(dir, { recursive: true, force: true });
  });

  async function both(path: string, asking?: Asking): Promise<{ readonly real: Answered; readonly ours: Answered }> {
    if (pair === undefined) throw new Error('nothing was started');
    const [real, ours] = await Promise.all([pair.real.get(path, asking), pair.ours.get(path, asking)]);
    return { real, ours };
  }

  test.each(objects(alike))('$name', async ({ path, asking }) => {
    const { real, ours } = await both(path, asking);
    expect({ ...wayOf(ours), body: ours.body.toString() }).toEqual({ ...wayOf(real), body: real.body.toString() });
  });

  test.each(objects(alikeInKind))('$name, in kind', async ({ name, path, asking }) => {
    const { real, ours } = await both(path, asking);
    if (name === 'readiness') expect(ours.status).toBe(real.status);
    else expect(wayOf(ours)).toEqual(wayOf(real));
  });

  test.each(objects(probes))('$name', async ({ path: query, asking }) => {
    const { real, ours } = await both(`/probe?target=${target}${query}`, asking);
    expect(wayOf(ours)).toEqual(wayOf(real));
    expect(comparable(read(textOf(ours)))).toEqual(comparable(read(textOf(real))));
  });

  test.each([
    ['a probe that went well', 'plain'],
    ['a probe that failed', 'secret'],
  ])('debug=true of %s has the parts of the real one, and no secret', async (_, module) => {
    const { real, ours } = await both(`/probe?target=${target}&module=${module}&debug=true`);
    expect(wayOf(ours)).toEqual(wayOf(real));
    const [theirs, own] = [partsOf(real.body.toString()), partsOf(ours.body.toString())];
    expect(own.module).toBe(theirs.module);
    expect(comparable(read(own.metrics))).toEqual(comparable(read(theirs.metrics)));
    // Where in the source of the real one it was said is its own affair.
    expect(own.log.map((line) => line.replace(/ source=\S+/, '').split(' ')[1])).toEqual(
      theirs.log.map((line) => line.replace(/ source=\S+/, '').split(' ')[1]),
    );
    expect(own.log.every((line) => line.includes(` module=${module} target=${target} `))).toBe(true);
    expect(ours.body.toString()).not.toContain('hunter2');
    const { ours: logged } = await both(`/logs?target=${encodeURIComponent(target)}&module=${module}`);
    expect(logged.status).toBe(200);
    expect(partsOf(logged.body.toString()).module).toBe(own.module);
  });

  test('the metrics of the exporter itself have the names, the kinds and the labels', async () => {
    const { real, ours } = await both('/metrics');
    expect(wayOf(ours)).toEqual(wayOf(real));
    const names = (text: string): string[] =>
      text
        .split('\n')
        .filter((line) => /^(?:# (?:TYPE|HELP) )?(?:blackbox_|promhttp_)/.test(line))
        .map((line) =>
          line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' ')).replaceAll(/="[^"]*"/g, ''),
        );
    expect(names(textOf(ours))).toEqual(names(textOf(real)));
    expect(textOf(ours)).toMatch(/^process_cpu_seconds_total /m);
  });

  test('a file that became bad keeps the modules, and says so', async () => {
    writeFileSync(join(dir, 'blackbox.yml'), 'modules: {plain: {prober: http, typo: 1}}');
    const { real, ours } = await both('/-/reload', sendAs('POST'));
    expect(wayOf(ours)).toEqual(wayOf(real));
    expect(ours.body.toString()).toMatch(/^failed to reload config: .*typo/);
    const after = await both('/metrics');
    expect(reloaded(after.ours)).toEqual(['blackbox_exporter_config_last_reload_successful 0']);
    expect(reloaded(after.ours)).toEqual(reloaded(after.real));
    const probed = await both(`/probe?target=${target}&module=plain`);
    expect(wayOf(probed.ours)).toEqual(wayOf(probed.real));
    writeFileSync(join(dir, 'blackbox.yml'), 'modules: {fresh: {prober: tcp}}');
    const mended = await both('/-/reload', sendAs('POST'));
    expect(wayOf(mended.ours)).toEqual(wayOf(mended.real));
    const shown = await both('/config');
    expect(shown.ours.body.toString()).toBe(shown.real.body.toString());
    const gone = await both(`/probe?target=${target}&module=plain`);
    expect(gone.ours.body.toString()).toBe(gone.real.body.toString());
  });
});

const modules = `modules:
  plain:
    prober: http
  timed:
    prober: http
    timeout: 3s
  odd:
    prober: carrier-pigeon
  hosted:
    prober: http
    http: {headers: {Host: shop.example}}
  secret:
    prober: http
    http:
      fail_if_body_not_matches_regexp: [nothing like it]
      basic_auth: {username: anna, password: hunter2}
      http_headers: {X-Key: {secrets: [hunter2]}}
`;

function reloaded(answered: Answered): readonly string[] {
  return textOf(answered)
    .split('\n')
    .filter((line) => line.startsWith('blackbox_exporter_config_last_reload_successful '));
}

function wayOf({ status, headers }: Answered): object {
  return {
    status,
    type: headers['content-type'],
    sniff: headers['x-content-type-options'],
    encoding: headers['content-encoding'],
  };
}

function textOf({ headers, body }: Answered): string {
  return (headers['content-encoding'] === 'gzip' && body.length > 0 ? gunzipSync(body) : body).toString();
}

function partsOf(text: string): { readonly log: readonly string[]; readonly metrics: string; readonly module: string } {
  const match =
    /^Logs for the probe:\n(.*)\n\n\nMetrics that would have been returned:\n(.*)\n\n\nModule configuration:\n(.*)$/s.exec(
      text,
    );
  if (match === null) throw new Error(`not the parts of debug output:\n${text}`);
  const [, log = '', metrics = '', module = ''] = match;
  return { log: log.split('\n').filter((line) => line !== ''), metrics, module };
}
