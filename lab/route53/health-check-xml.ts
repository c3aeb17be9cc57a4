/** Health checks, to and from the API's XML. */
import { isIP } from 'node:net';
import { type HealthCheck, isHealthCheckType } from '../../zone/records.ts';
import { refuse } from './refusal.ts';
import { childOf, element, optional, textAt, type Xml, type XmlNode } from './xml.ts';

const usualIntervalSeconds = 30;
const usualThreshold = 3;
const longestText = 255;

/** A new health check from `HealthCheckConfig`, with what Route 53 takes for granted. */
export function readHealthCheck(config: XmlNode | undefined, id: string): HealthCheck {
  const type = textAt(config, 'Type');
  if (type === null || !isHealthCheckType(type))
    return refuse('InvalidInput', `Invalid request: got Type ${type}, want a known one`);
  const blank: HealthCheck = {
    id,
    version: 1,
    type,
    ipAddress: null,
    port: null,
    hostname: null,
    path: null,
    searchString: null,
    requestIntervalSeconds: numberAt(config, 'RequestInterval') ?? usualIntervalSeconds,
    failureThreshold: usualThreshold,
    inverted: false,
    disabled: false,
    healthThreshold: 0,
    childHealthChecks: [],
  };
  return judged(withConfig(blank, config));
}

/** `check` after an update, one version on. What the request does not name stays; what it resets is gone. */
export function updatedHealthCheck(check: HealthCheck, request: XmlNode | undefined): HealthCheck {
  const reset = new Set(childOf(request, 'ResetElements')?.children.map((child) => child.text.trim()));
  const kept: HealthCheck = {
    ...check,
    version: check.version + 1,
    hostname: reset.has('FullyQualifiedDomainName') ? null : check.hostname,
    path: reset.has('ResourcePath') ? null : check.path,
    childHealthChecks: reset.has('ChildHealthChecks') ? [] : check.childHealthChecks,
  };
  return judged(withConfig(kept, request));
}

/** Of `Regions` and the other settings that the lab's checkers have no use for nothing is kept. */
function withConfig(check: HealthCheck, config: XmlNode | undefined): HealthCheck {
  const children = childOf(config, 'ChildHealthChecks')?.children.map((child) => child.text.trim());
  return {
    ...check,
    ipAddress: textAt(config, 'IPAddress') ?? check.ipAddress,
    port: numberAt(config, 'Port') ?? check.port,
    hostname: textAt(config, 'FullyQualifiedDomainName') ?? check.hostname,
    path: textAt(config, 'ResourcePath') ?? check.path,
    searchString: textAt(config, 'SearchString') ?? check.searchString,
    failureThreshold: numberAt(config, 'FailureThreshold') ?? check.failureThreshold,
    inverted: booleanAt(config, 'Inverted') ?? check.inverted,
    disabled: booleanAt(config, 'Disabled') ?? check.disabled,
    healthThreshold: numberAt(config, 'HealthThreshold') ?? check.healthThreshold,
    childHealthChecks: children ?? check.childHealthChecks,
  };
}

function judged(check: HealthCheck): HealthCheck {
  const { type, failureThreshold, requestIntervalSeconds, healthThreshold } = check;
  const wrong = [
    ...endpointMistakes(check),
    failureThreshold >= 1 && failureThreshold <= 10 ? null : `got FailureThreshold ${failureThreshold}, want 1 to 10`,
    // Route 53 has 10 and 30 only; a lab's profile divides them.
    requestIntervalSeconds > 0 && requestIntervalSeconds <= 30
      ? null
      : `got RequestInterval ${requestIntervalSeconds}, want 10 or 30`,
    healthThreshold >= 0 && healthThreshold <= 256 ? null : `got HealthThreshold ${healthThreshold}, want 0 to 256`,
    type !== 'CALCULATED' && check.childHealthChecks.length > 0 ? `got ChildHealthChecks with Type ${type}` : null,
    check.childHealthChecks.length > 255 ? 'got more than 255 ChildHealthChecks' : null,
    ...tooLong({ hostname: check.hostname, path: check.path, searchString: check.searchString }),
  ].filter((text) => text !== null);
  return wrong.length === 0 ? check : refuse('InvalidInput', `Invalid request: ${wrong.join('; ')}`);
}

function endpointMistakes({ type, ipAddress, hostname, port, path, searchString }: HealthCheck): readonly string[] {
  if (type === 'CALCULATED' || type === 'CLOUDWATCH_METRIC' || type === 'RECOVERY_CONTROL') return [];
  return [
    ipAddress === null && hostname === null ? 'want IPAddress or FullyQualifiedDomainName' : null,
    ipAddress !== null && isIP(ipAddress) === 0 ? `got IPAddress ${ipAddress}, want an IPv4 or IPv6 address` : null,
    (port !== null && (!Number.isInteger(port) || port < 1 || port > 65_535)) || (type === 'TCP' && port === null)
      ? `got Port ${port}, want 1 to 65535`
      : null,
    type === 'TCP' && path !== null ? 'got ResourcePath with Type TCP' : null,
    type.endsWith('_STR_MATCH') && !searchString ? 'want a SearchString' : null,
    !type.endsWith('_STR_MATCH') && searchString !== null ? `got SearchString with Type ${type}` : null,
  ].filter((text) => text !== null);
}

/** The API's model allows each of these texts 255 characters. */
function tooLong(texts: Readonly<Record<string, string | null>>): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) =>
    text !== null && text.length > longestText
      ? [`got a ${name} of ${text.length} characters, want at most ${longestText}`]
      : [],
  );
}

export function writeHealthCheck(check: HealthCheck, callerReference: string): Xml {
  const calculated = check.type === 'CALCULATED';
  const children = check.childHealthChecks.map((child) => element('ChildHealthCheck', child));
  return element('HealthCheck', [
    element('Id', check.id),
    element('CallerReference', callerReference),
    element('HealthCheckConfig', [
      optional('IPAddress', check.ipAddress),
      optional('Port', check.port),
      element('Type', check.type),
      optional('ResourcePath', check.path),
      optional('FullyQualifiedDomainName', check.hostname),
      optional('SearchString', check.searchString),
      calculated ? null : element('RequestInterval', check.requestIntervalSeconds),
      calculated ? null : element('FailureThreshold', check.failureThreshold),
      element('MeasureLatency', false),
      element('Inverted', check.inverted),
      element('Disabled', check.disabled),
      calculated ? element('HealthThreshold', check.healthThreshold) : null,
      calculated ? element('ChildHealthChecks', children) : null,
      check.type.startsWith('HTTPS') ? element('EnableSNI', check.hostname !== null) : null,
    ]),
    element('HealthCheckVersion', check.version),
  ]);
}

function numberAt(node: XmlNode | undefined, name: string): number | null {
  const text = textAt(node, name);
  return text === null ? null : /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function booleanAt(node: XmlNode | undefined, name: string): boolean | null {
  const text = textAt(node, name);
  return text === null ? null : text === 'true';
}
