/** What an answer shows, and whether it is what a check wants. Pure. */
import { type Check, type RecordExpectation, type RecordSection, recordSections } from '../../contract/check.ts';
import { typeNumber, typeText } from '../../contract/dns.ts';
import type { Details } from '../../contract/result.ts';
import { shown } from '../prober.ts';
import type { Inquired } from './inquiry.ts';
import { isOptLine } from './options.ts';
import { type Broken, brokenRule, type RecordRules, type RuleName } from './validators.ts';

/** What is kept of an answer for people; all of it is judged. */
const maxAnswers = 64;

type Fields = { readonly ttlSeconds: number; readonly type: string; readonly data: string };

function fieldsOf(line: string): Fields {
  const [, seconds, , type = '', ...data] = line.split('\t');
  return { ttlSeconds: Number(seconds), type, data: data.join('\t') };
}

/** The records of the type asked; of any, where that was asked. */
function wanted(seen: Inquired, { recordType }: Pick<Check<'dns'>, 'recordType'>): readonly Fields[] {
  const number = typeNumber(recordType) ?? -1;
  const names = new Set([typeText(number), `TYPE${number}`]);
  return seen.answer.map(fieldsOf).filter(({ type }) => recordType === 'ANY' || names.has(type));
}

/** Addresses of an answer, where addresses were asked for. */
export function addressesIn(seen: Inquired, check: Pick<Check<'dns'>, 'recordType'>): readonly string[] {
  const asksAddresses = check.recordType === 'A' || check.recordType === 'AAAA';
  return asksAddresses ? wanted(seen, check).map(({ data }) => data) : [];
}

export function detailsOf(seen: Inquired, check: Pick<Check<'dns'>, 'recordType'>): Details {
  if (seen.rcode === null) return {};
  const records = wanted(seen, check).slice(0, maxAnswers);
  // RFC 2181 §8: a TTL with its top bit set counts as zero.
  const ttls = seen.answer.map(fieldsOf).map(({ ttlSeconds }) => (ttlSeconds > 0x7fff_ffff ? 0 : ttlSeconds));
  const extra = {
    ...(seen.serial === null ? {} : { serial: seen.serial }),
    ...(seen.nsid === null ? {} : { nsid: shown(seen.nsid) }),
  };
  return {
    rcode: seen.rcode,
    answers: records.map(({ data }) => shown(data)),
    ...(records.length === 0 ? {} : { ttlSeconds: Math.min(...ttls) }),
    ...(seen.scopeLength === null ? {} : { scopeLength: seen.scopeLength }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** The first that does not hold, got and want. */
export function mismatch(
  seen: Inquired,
  check: Check<'dns'>,
  regionOf: (address: string) => string | null,
): string | undefined {
  const { rcodes = ['NOERROR'], validate } = check;
  if (seen.rcode === null || !rcodes.includes(seen.rcode))
    return `rcode: got ${seen.rcode}, want ${rcodes.join(' or ')}`;
  if (seen.flags?.tc === true) return `answer: got one cut short over ${check.transport ?? 'udp'}, want all of it`;
  if (check.rcodes === undefined && validate === undefined && wanted(seen, check).length === 0) {
    return `${check.hostname}: got no ${check.recordType} record, want at least 1`;
  }
  for (const section of recordSections) {
    const broken = brokenIn(section, seen[section], validate?.[section]);
    if (broken !== undefined) return broken;
  }
  return misled(addressesIn(seen, check), check.expectRegions, regionOf);
}

/** OPT is no record of anything: an expectation on the additional ones does not see it. */
function brokenIn(
  section: RecordSection,
  lines: readonly string[],
  expected: RecordExpectation | undefined,
): string | undefined {
  if (expected === undefined) return undefined;
  const broken = brokenRule(
    lines.filter((line) => !isOptLine(line)),
    rulesOf(expected),
  );
  return broken === undefined ? undefined : `${section}: ${sentence(broken, expected)}`;
}

const words: { readonly [R in RuleName]: keyof RecordExpectation } = {
  failIfMatchesRegexp: 'matchNone',
  failIfAllMatchRegexp: 'matchAllOrEmpty',
  failIfNotMatchesRegexp: 'matchAll',
  failIfNoneMatchesRegexp: 'matchAny',
};

function rulesOf({ matchAll, matchAny, matchNone, matchAllOrEmpty }: RecordExpectation): RecordRules {
  return {
    failIfMatchesRegexp: matchNone ?? [],
    failIfAllMatchRegexp: matchAllOrEmpty ?? [],
    failIfNotMatchesRegexp: matchAll ?? [],
    failIfNoneMatchesRegexp: matchAny ?? [],
  };
}

function sentence(broken: Broken, expected: RecordExpectation): string {
  const word = words[broken.rule];
  const patterns = (expected[word] ?? []).map((pattern) => shown(pattern));
  const all = patterns.join(word === 'matchAny' ? ' or ' : ' and ');
  switch (broken.what) {
    case 'empty':
      return `got no records, want ${word} ${all}`;
    case 'pattern':
      return `got a pattern ${shown(broken.pattern)} that cannot be read: ${broken.mistake}`;
    case 'record':
      return `got ${shown(broken.line)}, want ${word} ${shown(broken.pattern)}`;
    case 'all':
      return `got ${word === 'matchAny' ? 'no record that matches' : 'records that do not match'}, want ${word} ${all}`;
  }
}

function misled(
  addresses: readonly string[],
  expected: readonly string[] | null,
  regionOf: (address: string) => string | null,
): string | undefined {
  if (expected === null) return undefined;
  for (const address of addresses) {
    const region = regionOf(address);
    if (region === null || !expected.includes(region)) {
      return `answer: got ${address} (${region ?? 'of no known region'}), want ${expected.join(' or ')}`;
    }
  }
  return undefined;
}
