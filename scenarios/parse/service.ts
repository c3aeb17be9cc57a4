/** The parts that say what the service is, beside its regions: zone, identity, residency, inventories, places. */
import type { Identity } from '../../contract/check.ts';
import { continents } from '../places.ts';
import type { Inventory, Place, ResidencyRule, ZonePlan } from '../scenario.ts';
import { awsRegion, roleArn } from './aws.ts';
import type { Names } from './names.ts';
import { dictionary, list, object, optional, type Read, required } from './reader.ts';
import { present } from './tls.ts';
import {
  address,
  country,
  countryOrGroup,
  headerName,
  hostname,
  jsonPath,
  number,
  oneOf,
  subnet,
  text,
  url,
} from './values.ts';

const writtenZone = object({
  provider: required(oneOf(['route53'])),
  id: required(text('the id of the hosted zone')),
  names: optional(list(hostname), []),
  nameservers: optional(list(address), []),
  role: optional(roleArn, undefined),
  undoRole: optional(roleArn, undefined),
  undoRegion: optional(awsRegion, undefined),
});
export const zone: Read<ZonePlan> = (value, at) => {
  const found = writtenZone(value, at);
  if (found === undefined) return undefined;
  const { role, undoRole, undoRegion, ...rest } = found;
  return { ...rest, ...present({ role, undoRole, undoRegion }) };
};

const header = object({ header: required(headerName) });
const fingerprint = text('a SHA-256 of 64 hexadecimal digits, in lower case', /^[0-9a-f]{64}$/);
const who = object({
  header: optional(headerName, null),
  serverTiming: optional(headerName, undefined),
  fingerprints: optional(dictionary(text('who shows it'), fingerprint), undefined),
});
/** Several ways may be written: the first that says who answered counts. */
const server: typeof who = (value, at) => {
  const found = who(value, at);
  return found === undefined ||
    found.header !== null ||
    found.serverTiming !== undefined ||
    found.fingerprints !== undefined
    ? found
    : at.note('nothing', 'header, serverTiming or fingerprints');
};
const requestHeader = object({ requestHeader: required(headerName) });
const written = object({
  servedBy: optional(server, null),
  storedIn: optional(header, null),
  userCountry: optional(requestHeader, null),
});

export type WrittenIdentity = Identity & { readonly userCountry: string | null };
export const nobody: WrittenIdentity = { servedBy: null, storedIn: null, userCountry: null };

/** Header names are compared in lower case. */
export const identity: Read<WrittenIdentity> = (value, at) => {
  const found = written(value, at);
  return found === undefined
    ? undefined
    : {
        servedBy: found.servedBy?.header?.toLowerCase() ?? null,
        ...present({ serverTiming: found.servedBy?.serverTiming, fingerprints: found.servedBy?.fingerprints }),
        storedIn: found.storedIn?.header.toLowerCase() ?? null,
        userCountry: found.userCountry?.requestHeader.toLowerCase() ?? null,
      };
};

/** `EU` in `countries` becomes its members, so that a user's country is found by looking it up. */
export function residencyRules(names: Names): Read<readonly ResidencyRule[]> {
  const where = oneOf(names.jurisdictions, 'a jurisdiction that a region has: none is defined');
  const rule = object({
    countries: required(list(countryOrGroup, 1)),
    servedIn: optional(list(where, 1), null),
    storedIn: optional(list(where, 1), null),
    refusal: optional(number(400, 599, 'a status code that refuses,'), 451),
  });
  const rules = list(rule);
  return (value, at) =>
    rules(value, at)?.map((found) => ({ ...found, countries: [...new Set(found.countries.flat())] }));
}

export function inventories(names: Names): Read<Readonly<Record<string, Inventory>>> {
  const inventory = object({
    http: required(url),
    records: optional(jsonPath, '$.records[*]'),
    country: optional(jsonPath, '$.country'),
    region: optional(jsonPath, '$.region'),
  });
  return dictionary(inventory, oneOf(names.regions));
}

export function residencyLogs(names: Names): Read<Readonly<Record<string, string>>> {
  return dictionary(url, oneOf(names.regions));
}

export const places: Read<Readonly<Record<string, Place>>> = dictionary(
  object({ subnet: required(subnet), country: required(country), continent: required(oneOf(continents)) }),
);
