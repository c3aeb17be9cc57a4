/** Health checks and what their checkers see. */
import type { CheckerReport, HealthCheck } from '../../zone/records.ts';
import { readHealthCheck, updatedHealthCheck, writeHealthCheck } from './health-check-xml.ts';
import { refuse } from './refusal.ts';
import { type Call, idOf, isoTime, newId, pageSize, type Reply, type Route, type Service } from './route.ts';
import { childOf, element, optional, textAt, type Xml } from './xml.ts';

const mostListed = 100;

/** The routes, with what callers called the checks that they made: it is kept for nothing but to give it back. */
export function healthCheckRoutes(): readonly Route[] {
  const references = new Map<string, string>();
  const referenceOf = (check: HealthCheck): string => references.get(check.id) ?? check.id;
  const whole = (name: string, check: HealthCheck): Xml => element(name, [writeHealthCheck(check, referenceOf(check))]);

  function create({ body }: Call, { store, random }: Service): Reply {
    const reference = textAt(body, 'CallerReference') ?? '';
    if (reference === '') return refuse('InvalidInput', 'Invalid request: want a CallerReference');
    const made = readHealthCheck(childOf(body, 'HealthCheckConfig'), newId(random));
    refuseOddChildren(made, store.healthChecks());
    const twin = store.healthChecks().find((check) => references.get(check.id) === reference);
    if (twin !== undefined && JSON.stringify({ ...made, id: twin.id }) !== JSON.stringify({ ...twin, version: 1 })) {
      return refuse('HealthCheckAlreadyExists', `A health check with CallerReference ${reference} exists already`);
    }
    if (twin === undefined) {
      references.set(made.id, reference);
      store.putHealthCheck(made);
    }
    const check = twin ?? made;
    const location = `/2013-04-01/healthcheck/${check.id}`;
    return { status: 201, location, xml: whole('CreateHealthCheckResponse', check) };
  }

  function update(call: Call, { store }: Service): Reply {
    const check = found(call, store.healthChecks());
    const version = textAt(call.body, 'HealthCheckVersion');
    if (version !== null && Number(version) !== check.version) {
      const message = `The value of HealthCheckVersion in the request, ${version}, doesn't match ${check.version}, the one of the health check`;
      return refuse('HealthCheckVersionMismatch', message);
    }
    const next = updatedHealthCheck(check, call.body);
    refuseOddChildren(next, store.healthChecks());
    store.putHealthCheck(next);
    return { xml: whole('UpdateHealthCheckResponse', next) };
  }

  function list({ query }: Call, { store }: Service): Reply {
    const all = store.healthChecks();
    const marker = query.get('marker');
    const size = pageSize(query, mostListed);
    const first = marker === null ? 0 : all.findIndex(({ id }) => id === marker);
    if (first < 0) return refuse('InvalidInput', `got Marker ${marker}, want the id of a health check`);
    const next = all[first + size];
    return {
      xml: element('ListHealthChecksResponse', [
        element(
          'HealthChecks',
          all.slice(first, first + size).map((check) => writeHealthCheck(check, referenceOf(check))),
        ),
        optional('Marker', marker),
        element('IsTruncated', next !== undefined),
        optional('NextMarker', next?.id ?? null),
        element('MaxItems', size),
      ]),
    };
  }

  const one = /^healthcheck\/([^/]+)$/;
  return [
    { operation: 'CreateHealthCheck', method: 'POST', path: /^healthcheck$/, run: create },
    { operation: 'ListHealthChecks', method: 'GET', path: /^healthcheck$/, run: list },
    { operation: 'UpdateHealthCheck', method: 'POST', path: one, run: update },
    {
      operation: 'GetHealthCheck',
      method: 'GET',
      path: one,
      run: (call, { store }) => ({ xml: whole('GetHealthCheckResponse', found(call, store.healthChecks())) }),
    },
    { operation: 'DeleteHealthCheck', method: 'DELETE', path: one, run: remove },
    { operation: 'GetHealthCheckStatus', method: 'GET', path: /^healthcheck\/([^/]+)\/status$/, run: status },
    {
      operation: 'GetHealthCheckLastFailureReason',
      method: 'GET',
      path: /^healthcheck\/([^/]+)\/lastfailurereason$/,
      run: lastFailure,
    },
    { operation: 'GetHealthCheckCount', method: 'GET', path: /^healthcheckcount$/, run: count },
    { operation: 'GetCheckerIpRanges', method: 'GET', path: /^checkeripranges$/, run: ranges },
  ];
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
