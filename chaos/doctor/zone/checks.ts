/** Health checks that guard a region's records and cannot tell when it is dark. */
import { healthOf } from '../../../zone/health.ts';
import type { HealthCheck, RecordSet } from '../../../zone/records.ts';
import type { Finding, RuleId } from '../finding.ts';
import type { Scene } from './answers.ts';
import { ledIntoTheDark } from './causes.ts';
import { promiseOf, type RegionPlace, regionOfRecord, type Surroundings } from './facts.ts';
import { partIn, shareOf } from './outcomes.ts';
import { blindnessOf, isEndpointCheck } from './sight.ts';
import { recordName, whenDark, whom } from './words.ts';
import { isUnhealthyNow } from './worlds.ts';

/** A record of an entry that leads to a region, and the check that it names. */
type Guard = { readonly place: RegionPlace; readonly record: RecordSet; readonly id: string };
type Said = { readonly rule: RuleId; readonly id: string; readonly because: string; readonly remedy: string };

/** Paths that say that a process lives, and nothing of what it needs. */
const liveness = /(^|[/_-])(live|livez|liveness|alive|ping|up)(\/|$|\?)/i;

/** `scenes`: of each entry, one with each region dark, and one with all well. */
export function checkFindings(around: Surroundings, scenes: readonly Scene[]): readonly Finding[] {
  return guardsIn(around).flatMap((guard) => {
    const check = around.healthChecks.find(({ id }) => id === guard.id);
    return mistakesOf(guard, check, around).map((said) => judged(said, guard, { around, scenes }));
  });
}

function guardsIn({ entries, places }: Surroundings): readonly Guard[] {
  const found = new Map<string, Guard>();
  for (const record of entries.flatMap(({ zone }) => zone.records)) {
    const region = regionOfRecord(record, places);
    const place = places.find((one) => one.region === region);
    if (place === undefined || record.healthCheckId === null) continue;
    const key = `${place.region} ${record.healthCheckId}`;
    if (!found.has(key)) found.set(key, { place, record, id: record.healthCheckId });
  }
  return [...found.values()];
}

function mistakesOf({ place, id }: Guard, check: HealthCheck | undefined, around: Surroundings): readonly Said[] {
  if (check === undefined) {
    const because = 'does not exist in this account, so that the record always counts as healthy';
    return [{ rule: 'check.missing', id, because, remedy: 'name a health check of its region' }];
  }
  const own = switches(check);
  if (check.type === 'CALCULATED') return [...own, ...calculated(check, place, around)];
  if (!isEndpointCheck(check)) return own;
  const blind = blindnessOf(check, place, around).map((one) => ({ ...one, id }));
  return [...own, ...blind, ...(blind.length === 0 ? shallow(check, place) : []), ...downNow(check, around)];
}

function switches({ id, disabled, inverted }: HealthCheck): readonly Said[] {
  return [
    ...(disabled
      ? [{ rule: 'check.disabled', id, because: 'is disabled, and then always healthy', remedy: 'enable it' } as const]
      : []),
    ...(inverted
      ? [
          {
            rule: 'check.inverted',
            id,
            because: 'is inverted: healthy while its endpoint fails, and unhealthy while it answers',
            remedy: 'take "inverted" away',
          } as const,
        ]
      : []),
  ];
}

function shallow({ id, path, type }: HealthCheck, { region }: RegionPlace): readonly Said[] {
  if (type === 'TCP' || path === null || !liveness.test(path)) return [];
  const because = `asks ${path}, which a process answers that has lost its database: such a failure of ${region} moves nobody`;
  return [
    { rule: 'check.liveness', id, because, remedy: 'let it ask a path that answers 503 when what it needs is away' },
  ];
}

function downNow(check: HealthCheck, around: Surroundings): readonly Said[] {
  if (check.disabled || !isUnhealthyNow(check.id, around)) return [];
  const reports = around.status[check.id] ?? [];
  const failing = reports.filter(({ healthy }) => !healthy);
  const said = failing[0]?.status.slice(0, 120) ?? '';
  const because = `is unhealthy already, with nothing dark: ${failing.length} of ${reports.length} checkers say "${said}"`;
  return [
    { rule: 'check.unhealthy-now', id: check.id, because, remedy: 'mend the endpoint, or what the check asks of it' },
  ];
}

function calculated(check: HealthCheck, place: RegionPlace, around: Surroundings): readonly Said[] {
  const { id, healthThreshold, childHealthChecks } = check;
  const children = childHealthChecks.map((child) => around.healthChecks.find((one) => one.id === child));
  const absent = childHealthChecks.filter((_, index) => children[index] === undefined);
  const remedy = `set its threshold between 1 and ${childHealthChecks.length}, so that what fails with ${place.region} takes it below`;
  const said: Said[] = [];
  if (absent.length > 0) {
    const because = `counts ${absent.length} health checks that do not exist (${absent.slice(0, 3).join(', ')}) as healthy`;
    said.push({ rule: 'check.children', id, because, remedy: 'take them out, or make them' });
  }
  if (healthThreshold === 0) {
    said.push({ rule: 'check.threshold', id, because: 'needs 0 healthy children: it is always healthy', remedy });
  } else if (healthThreshold > childHealthChecks.length) {
    const because = `needs ${healthThreshold} healthy children of ${childHealthChecks.length}: it is never healthy`;
    said.push({ rule: 'check.threshold', id, because, remedy });
  } else if (!tripsWith(place, check, around)) {
    const blind = children.filter(
      (child) => child !== undefined && isEndpointCheck(child) && blindnessOf(child, place, around).length > 0,
    );
    const because = `needs ${healthThreshold} of ${childHealthChecks.length}: ${blind.length} children do not see that ${place.region} is dark, and that is enough`;
    said.push({ rule: 'check.threshold', id, because, remedy });
  }
  return said;
}

function tripsWith(place: RegionPlace, check: HealthCheck, around: Surroundings): boolean {
  const known = {
    check: (id: string) => around.healthChecks.find((one) => one.id === id),
    said: (id: string) => {
      const child = known.check(id);
      return [child !== undefined && blindnessOf(child, place, around).length > 0];
    },
  };
  const children = check.childHealthChecks.flatMap((id) => known.check(id) ?? []);
  // What an alarm decides may well see it.
  if (children.some((child) => !isEndpointCheck(child))) return true;
  return !healthOf(check.id, {
    ...known,
    check: (id) => (id === check.id ? { ...check, inverted: false, disabled: false } : known.check(id)),
  });
}

type Judging = { readonly around: Surroundings; readonly scenes: readonly Scene[] };

function judged({ rule, id, because, remedy }: Said, { place, record }: Guard, { around, scenes }: Judging): Finding {
  const { region } = place;
  const about = `health check ${id}`;
  const isGuarding = (scene: Scene): boolean => scene.entry.zone.records.includes(record);
  const worst = scenes
    .filter((scene) => scene.world.dark === region && isGuarding(scene))
    .map((scene) => {
      const hits = ledIntoTheDark(scene, region).map((one) => ({ users: one.users, part: partIn(one, region) }));
      return {
        scene,
        hits,
        share: shareOf(hits) ?? 0,
        promised: promiseOf(around.scenario, scene.entry.key, region) !== undefined,
      };
    })
    .toSorted((a, b) => Number(b.promised) - Number(a.promised) || b.share - a.share)
    .find(({ hits }) => hits.length > 0);
  const guards = `${about}, of ${recordName(record)},`;
  if (worst === undefined || rule === 'check.liveness' || rule === 'check.unhealthy-now') {
    const users = around.scenario.regions[region]?.share ?? 0;
    const says = `${guards} ${because}; it is to speak for ${region} and ${whom(users / 100, [])}`.replace(
      ' (nobody)',
      '',
    );
    return {
      rule,
      level: rule === 'check.unhealthy-now' ? nowLevel(region, scenes) : 'advice',
      about,
      dark: null,
      share: users / 100,
      says,
      remedy,
    };
  }
  const who = whom(
    worst.share,
    worst.hits.map(({ users }) => users),
  );
  return {
    rule,
    level: worst.promised && worst.share > 0 ? 'problem' : 'advice',
    about,
    dark: region,
    share: worst.share,
    says: `${guards} ${because}: ${whenDark(region)}, ${who} get ${region}, which serves nobody, for ${worst.scene.entry.name}`,
    remedy,
  };
}

/** A region that is to take over in a drill, and is down. */
function nowLevel(region: string, scenes: readonly Scene[]): Finding['level'] {
  const drills = scenes[0]?.around.scenario.drills ?? [];
  return drills.some(({ expect }) => expect.some(({ servedBy }) => servedBy.includes(region))) ? 'problem' : 'advice';
}
