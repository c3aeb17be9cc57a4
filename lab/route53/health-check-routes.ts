/** Health checks and what their checkers see. */
import { canonicalJson } from '../../contract/json.ts';
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import { readHealthCheck, updatedHealthCheck, writeHealthCheck } from './health-check-xml.ts';
import { refuse } from './refusal.ts';
import { type Call, idOf, isoTime, newId, pageSize, type Reply, type Route, type Service } from './route.ts';
import { childOf, element, optional, textAt, type Xml } from './xml.ts';

const mostListed = 100;

/** Of an account, unless it asks for more. */
const mostHealthChecks = 200;

/** What callers called the checks that they made, those gone since included: to give it back, and to tell twins. */
type References = Map<string, string>;
type Run = Route['run'];

export function healthCheckRoutes(): readonly Route[] {
  const references: References = new Map();
  const all = /^healthcheck$/;
  const one = /^healthcheck\/([^/]+)$/;
  const failures = /^healthcheck\/([^/]+)\/lastfailurereason$/;
  return [
    { operation: 'CreateHealthCheck', method: 'POST', path: all, run: create(references) },
    { operation: 'ListHealthChecks', method: 'GET', path: all, run: list(references) },
    { operation: 'UpdateHealthCheck', method: 'POST', path: one, run: update(references) },
    { operation: 'GetHealthCheck', method: 'GET', path: one, run: get(references) },
    { operation: 'DeleteHealthCheck', method: 'DELETE', path: one, run: remove },
    { operation: 'GetHealthCheckStatus', method: 'GET', path: /^healthcheck\/([^/]+)\/status$/, run: status },
    { operation: 'GetHealthCheckLastFailureReason', method: 'GET', path: failures, run: lastFailure },
    { operation: 'GetHealthCheckCount', method: 'GET', path: /^healthcheckcount$/, run: count },
    { operation: 'GetCheckerIpRanges', method: 'GET', path: /^checkeripranges$/, run: ranges },
  ];
}

function create(references: References): Run {
  return ({ body }, { store, random }) => {
    const reference = textAt(body, 'CallerReference') ?? '';
    if (reference === '' || reference.length > 64) {
      return refuse('InvalidInput', 'Invalid request: want a CallerReference of 1 to 64 characters');
    }
    const made = readHealthCheck(childOf(body, 'HealthCheckConfig'), newId(random));
    refuseOddChildren(made, store.healthChecks());
    const twin = store.healthChecks().find((check) => references.get(check.id) === reference);
    if (twin !== undefined && !sameSettings(made, twin)) {
      return refuse('HealthCheckAlreadyExists', `A health check with CallerReference ${reference} exists already`);
    }
    if (twin === undefined) {
      if ([...references.values()].includes(reference)) {
        const message = `A health check with CallerReference ${reference} existed, and has been deleted`;
        return refuse('HealthCheckAlreadyExists', message);
      }
      if (store.healthChecks().length >= mostHealthChecks) {
        return refuse(
          'TooManyHealthChecks',
          `Limits Exceeded: an account has at most ${mostHealthChecks} health checks`,
        );
      }
      references.set(made.id, reference);
      store.putHealthCheck(made);
    }
    const check = twin ?? made;
    const location = `/2013-04-01/healthcheck/${check.id}`;
    return { status: 201, location, xml: whole('CreateHealthCheckResponse', check, references) };
  };
}

function update(references: References): Run {
  return (call, { store }) => {
    const check = found(call, store.healthChecks());
    const version = textAt(call.body, 'HealthCheckVersion');
    if (version !== null && Number(version) !== check.version) {
      const message = `got HealthCheckVersion ${version}, want ${check.version}, which the health check has now`;
      return refuse('HealthCheckVersionMismatch', message);
    }
    const next = updatedHealthCheck(check, call.body);
    refuseOddChildren(next, store.healthChecks());
    store.putHealthCheck(next);
    return { xml: whole('UpdateHealthCheckResponse', next, references) };
  };
}

function get(references: References): Run {
  return (call, { store }) => ({
    xml: whole('GetHealthCheckResponse', found(call, store.healthChecks()), references),
  });
}

function list(references: References): Run {
  return ({ query }, { store }) => {
    const all = store.healthChecks();
    const marker = query.get('marker');
    const size = pageSize(query, mostListed);
    const first = marker === null ? 0 : all.findIndex(({ id }) => id === marker);
    if (first < 0) return refuse('InvalidInput', `got Marker ${marker}, want the id of a health check`);
    const next = all[first + size];
    const listed = all.slice(first, first + size).map((check) => written(check, references));
    return {
      xml: element('ListHealthChecksResponse', [
        element('HealthChecks', listed),
        optional('Marker', marker),
        element('IsTruncated', next !== undefined),
        optional('NextMarker', next?.id ?? null),
        element('MaxItems', size),
      ]),
    };
  };
}

function whole(name: string, check: HealthCheck, references: References): Xml {
  return element(name, [written(check, references)]);
}

function written(check: HealthCheck, references: References): Xml {
  return writeHealthCheck(check, references.get(check.id) ?? check.id);
}

function sameSettings(a: HealthCheck, b: HealthCheck): boolean {
  return canonicalJson({ ...a, id: b.id, version: b.version }) === canonicalJson(b);
}

function remove(call: Call, { store }: Service): Reply {
  const { id } = found(call, store.healthChecks());
  const parent = store.healthChecks().find(({ childHealthChecks }) => childHealthChecks.includes(id));
  if (parent !== undefined) return refuse('HealthCheckInUse', `Health check ${id} is a child of ${parent.id}`);
  store.removeHealthCheck(id);
  return { xml: element('DeleteHealthCheckResponse', []) };
}

function status(call: Call, { store, checkers }: Service): Reply {
  const check = found(call, store.healthChecks());
  if (check.type === 'CALCULATED')
    return refuse('InvalidInput', 'The status of a calculated health check is not available');
  return { xml: element('GetHealthCheckStatusResponse', [observations(checkers.reports(check.id))]) };
}

function lastFailure(call: Call, { store, checkers }: Service): Reply {
  const { id } = found(call, store.healthChecks());
  return { xml: element('GetHealthCheckLastFailureReasonResponse', [observations(checkers.lastFailures(id))]) };
}

function count(_call: Call, { store }: Service): Reply {
  return { xml: element('GetHealthCheckCountResponse', [element('HealthCheckCount', store.healthChecks().length)]) };
}

function ranges(_call: Call, { checkers }: Service): Reply {
  const each = checkers.sourceAddresses.map((address) => element('member', `${address}/32`));
  return { xml: element('GetCheckerIpRangesResponse', [element('CheckerIpRanges', each)]) };
}

function observations(reports: readonly CheckerReport[]): Xml {
  return element(
    'HealthCheckObservations',
    reports.map(({ region, address, status: text, checkedAtMs }) =>
      element('HealthCheckObservation', [
        element('Region', region),
        element('IPAddress', address),
        element('StatusReport', [element('Status', text), element('CheckedTime', isoTime(checkedAtMs))]),
      ]),
    ),
  );
}

function found(call: Call, checks: readonly HealthCheck[]): HealthCheck {
  const check = checks.find(({ id }) => id === idOf(call));
  return check ?? refuse('NoSuchHealthCheck', `No health check exists with ID: ${idOf(call)}`);
}

/** Children have to exist, and must not be calculated themselves. */
function refuseOddChildren({ childHealthChecks }: HealthCheck, checks: readonly HealthCheck[]): void {
  for (const child of childHealthChecks) {
    const type = checks.find(({ id }) => id === child)?.type;
    if (type === undefined || type === 'CALCULATED') {
      refuse(
        'InvalidInput',
        `Invalid request: child health check ${child} ${type === undefined ? 'does not exist' : 'is calculated'}`,
      );
    }
  }
}
