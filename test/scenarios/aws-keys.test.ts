/** Keys by which a scenario says what of an AWS account a drill may use, and as whom. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../scenarios/define.ts';
import { broken, mistakesOf, type Source, sound } from './sound.ts';

const role = 'arn:aws:iam::123456789012:role/blackstart-drills';
const undoRole = 'arn:aws:iam::123456789012:role/path/blackstart-undo';
const ecs = { cluster: 'shop', services: ['api', 'worker'] };

function withAws(aws: unknown): Source {
  return broken(['regions', 'us-east-1', 'aws'], aws);
}

function withFault(source: Source, fault: Source): Source {
  const [drill] = source['drills'] as readonly Source[];
  return { ...source, drills: [{ ...drill, fault }] };
}

describe('zone', () => {
  test('names no role unless it is written', () => {
    const { zone } = parseScenario(sound());
    expect(Object.keys(zone ?? {}).filter((key) => /role|undo/i.test(key))).toEqual([]);
  });

  test('says whom it is changed as, whom a schedule acts as, and where schedules are', () => {
    const roles = { role, undoRole, undoRegion: 'eu-central-1' };
    const zone = { ...(sound()['zone'] as Source), ...roles };
    expect(parseScenario(broken(['zone'], zone)).zone).toMatchObject(roles);
  });

  test.each([
    ['role', 'blackstart-drills', 'the ARN of a role'],
    ['undoRole', 'arn:aws:iam::12345:role/short', 'the ARN of a role'],
    ['undoRole', 'arn:aws:iam::123456789012:user/somebody', 'the ARN of a role'],
    ['undoRegion', 'Frankfurt', 'a region of AWS'],
  ])('with another %s, %s, is a mistake', (key, value, want) => {
    expect(mistakesOf(broken(['zone', key], value))).toEqual([`zone.${key}: got "${value}", want ${want}`]);
  });
});

describe('aws of a region', () => {
  test('is absent unless it is written', () => {
    expect(parseScenario(sound()).regions['us-east-1']?.aws).toBeUndefined();
  });

  test('has its own region, roles, and services in their order', () => {
    const aws = { region: 'us-gov-west-1', role: role.replace('aws', 'aws-us-gov'), undoRole, ecs };
    expect(parseScenario(withAws(aws)).regions['us-east-1']?.aws).toEqual(aws);
  });

  test('needs the region alone: as whoever runs the program, without services or anybody who mends', () => {
    expect(parseScenario(withAws({ region: 'us-east-1' })).regions['us-east-1']?.aws).toEqual({
      region: 'us-east-1',
      role: null,
      undoRole: null,
      ecs: null,
    });
  });

  test.each([
    [{ ecs }, 'region: got nothing, want a region of AWS'],
    [
      { region: 'us-east-1', ecs: { cluster: 'shop', services: [] } },
      'ecs.services: got an empty list, want a list of at least 1',
    ],
    [
      { region: 'us-east-1', ecs: { cluster: 'shop', services: ['arn:aws:ecs'] } },
      'ecs.services[0]: got "arn:aws:ecs", want a name of letters, digits, "-" and "_"',
    ],
    [
      { region: 'us-east-1', ecs: { services: ['api'] } },
      'ecs.cluster: got nothing, want a name of letters, digits, "-" and "_"',
    ],
    [
      { region: 'us-east-1', rolle: role },
      'rolle: got the unknown key "rolle", want one of region, role, ecs, undoRole (nearest: role)',
    ],
  ])('%j is a mistake', (aws, mistake) => {
    expect(mistakesOf(withAws(aws))).toEqual([`regions.us-east-1.aws.${mistake}`]);
  });
});

describe('a fault', () => {
  test('of records is of any region, where there is a zone', () => {
    expect(parseScenario(withFault(sound(), { records: 'us-east-1' })).drills[0]?.fault).toEqual({
      kind: 'records',
      region: 'us-east-1',
    });
    expect(mistakesOf(withFault(broken(['zone'], undefined), { records: 'us-east-1' }))).toEqual([
      'drills[0].fault.records: got "us-east-1", want a zone in the scenario: it names none',
    ]);
  });

  test('of services in ECS is of a region that names some', () => {
    const source = withAws({ region: 'us-east-1', ecs });
    expect(parseScenario(withFault(source, { 'ecs-service': 'us-east-1' })).drills[0]?.fault).toEqual({
      kind: 'ecs-service',
      region: 'us-east-1',
    });
    expect(mistakesOf(withFault(withAws({ region: 'us-east-1' }), { 'ecs-service': 'us-east-1' }))).toEqual([
      'drills[0].fault.ecs-service: got "us-east-1", want a region with "aws.ecs": none has any',
    ]);
  });
});
