/** A zone with each region dark in turn: who gets what answer, and why. Pure: facts in, findings out. */
import { isIP } from 'node:net';
import { canonicalName, isWithin } from '../../zone/names.ts';
import type { Diagnosis, Finding } from './finding.ts';
import { led, missingNames, type Scene, sceneOf, stray, unanswered, wrongRegion } from './zone/answers.ts';
import { causesOf } from './zone/causes.ts';
import { checkFindings } from './zone/checks.ts';
import {
  type AddressType,
  type Entry,
  hostOf,
  ownValues,
  type Surroundings,
  surroundingsOf,
  type ZoneFacts,
} from './zone/facts.ts';
import { hasType, partIn, shareOf } from './zone/outcomes.ts';
import { recordFindings, recordsOf } from './zone/records.ts';
import { isDecidedElsewhere } from './zone/sight.ts';
import { timeFindings } from './zone/timing.ts';
import { listed, whenDark, whom } from './zone/words.ts';
import { worldsOf } from './zone/worlds.ts';

export type { ZoneFacts } from './zone/facts.ts';

export function diagnoseZone(facts: ZoneFacts): Diagnosis {
  const around = surroundingsOf(facts);
  const worlds = worldsOf(around);
  const scenes = around.entries.flatMap((entry) =>
    (['A', 'AAAA'] as const)
      .filter((type) => hasType(entry, type))
      .flatMap((type) => worlds.map((world) => sceneOf(around, entry, type, world))),
  );
  const well = scenes.filter(({ world }) => world.dark === null);
  const findings = [
    ...missingNames(around),
    ...well.flatMap((scene) => [...unanswered(scene), ...stray(scene)]),
    ...scenes.flatMap(wrongRegion),
    ...residency(scenes),
    ...scenes.flatMap(causesOf),
    ...checkFindings(around, scenes),
    ...recordFindings(around),
    ...timeFindings(around),
    ...apart(scenes),
  ];
  return { findings: distinct(findings), unseen: unseenIn(around) };
}

/** What is so with everything well is not said of each dark region again. */
function residency(scenes: readonly Scene[]): readonly Finding[] {
  const found = scenes.flatMap(led);
  const always = new Set(found.filter(({ dark }) => dark === null).map(({ about }) => about));
  return found.filter(({ dark, about }) => dark === null || !always.has(about));
}

/** The regions that A and AAAA of a name lead the same users to. */
function apart(scenes: readonly Scene[]): readonly Finding[] {
  return scenes
    .filter(({ type }) => type === 'A')
    .flatMap((scene): readonly Finding[] => {
      const { entry, world, around, home } = scene;
      const other = scenes.find((one) => one.entry === entry && one.world === world && one.type === 'AAAA');
      const hits = home.flatMap((outcome, index) => {
        const beside = other?.home[index];
        if (beside === undefined) return [];
        const regions = Object.keys(around.scenario.regions);
        const part = regions.reduce(
          (sum, region) => sum + Math.max(0, partIn(beside, region) - partIn(outcome, region)),
          0,
        );
        const to = regions.filter((region) => partIn(beside, region) > partIn(outcome, region) + 0.01);
        return part > 0.01 ? [{ users: outcome.users, part, to }] : [];
      });
      if (hits.length === 0) return [];
      const share = shareOf(hits);
      const { dark } = world;
      return [
        {
          rule: 'zone.aaaa-differs',
          level: 'advice',
          about: entry.name,
          dark,
          share,
          says: `${whenDark(dark)}, ${whom(
            share,
            hits.map(({ users }) => users),
          )} are led to ${listed(hits.flatMap(({ to }) => to))} over IPv6, and elsewhere over IPv4, by ${entry.name}`,
          remedy: 'give the AAAA records the routing, the health checks and the regions of the A records',
        },
      ];
    });
}

/** The same of A and of AAAA, or of several dark regions, is one finding: of the region that most users are of. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ level, share }: Finding): number => (level === 'problem' ? 2 : 0) + (share ?? 0);
  const found = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.about} ${finding.dark ?? ''}`;
    const before = found.get(key);
    if (before === undefined || rank(finding) > rank(before)) found.set(key, finding);
  }
  return [...found.values()].toSorted((a, b) => rank(b) - rank(a));
}

/** What the zone alone does not tell, one sentence each. */
function unseenIn(around: Surroundings): readonly string[] {
  const { scenario, zone, healthChecks, resolved } = around;
  const outside = Object.entries(scenario.entry).filter(([, url]) => !isWithin(canonicalName(hostOf(url)), zone.name));
  const checks = new Map(healthChecks.map((check) => [check.id, check]));
  const used = [
    ...new Set(
      around.entries.flatMap(({ zone: part }) => part.records.flatMap(({ healthCheckId }) => healthCheckId ?? [])),
    ),
  ];
  return [
    ...outside.map(([key, url]) => `entry ${key}: ${hostOf(url)} is outside of zone ${zone.name}, and not looked at`),
    ...around.entries.flatMap(delegated),
    ...around.places
      .filter(
        ({ host, values }) =>
          isIP(host) === 0 && values.size <= 1 && resolved[host] === undefined && !leadsTo(host, around),
      )
      .map(
        ({ region, host }) =>
          `region ${region}: the addresses of ${host} are not known, so that no record can be told to lead there`,
      ),
    ...used.flatMap((id) => {
      const check = checks.get(id);
      return check !== undefined && around.checksRead && isDecidedElsewhere(check.type)
        ? [
            `health check ${id} is decided elsewhere (${check.type}): it is taken to see what happens to the region that it guards`,
          ]
        : [];
    }),
    ...around.entries.flatMap(targetsOutside),
    ...around.entries.flatMap(severalSimple),
    ...Object.entries(scenario.regions)
      .filter(([, { place, share }]) => place === null && share > 0 && around.entries.some(isByPlace))
      .map(
        ([region]) =>
          `region ${region} has no "place" in the scenario: its users are taken to be where only the default is for them`,
      ),
    ...(around.entries.some((entry) => recordsOf(entry).some(({ routing }) => routing.policy === 'latency'))
      ? [
          'latency is not measured: the users of a region are taken to be nearest to it, and beyond it to whatever the zone has first',
        ]
      : []),
  ];
}

function leadsTo(host: string, { entries }: Surroundings): boolean {
  return entries.some((entry) =>
    recordsOf(entry).some((record) => ownValues(record).map(canonicalName).includes(canonicalName(host))),
  );
}

/** Name servers of a name below the zone's own answer for it, whatever records stand here. */
function delegated({ zone, name }: Entry): readonly string[] {
  const cut = zone.records.find(
    (record) => record.type === 'NS' && record.name !== zone.name && isWithin(name, record.name),
  );
  return cut === undefined
    ? []
    : [`${name} is delegated at ${cut.name}: its answers come from another zone, which is not looked at`];
}

function targetsOutside(entry: Entry): readonly string[] {
  const targets = recordsOf(entry).flatMap(({ target, type }) => {
    if (target.kind === 'alias') {
      return target.hostedZoneId !== entry.zone.id && target.evaluateTargetHealth
        ? [`the health of ${target.name}`]
        : [];
    }
    const next = canonicalName(target.values[0] ?? '.');
    return type === 'CNAME' && !isWithin(next, entry.zone.name) ? [`what ${next} leads to`] : [];
  });
  return [...new Set(targets)].map((what) => `${entry.name}: ${what} is decided outside of the zone`);
}

/** By address ranges, or another policy that the reader does not know: it comes here as several simple records. */
function severalSimple(entry: Entry): readonly string[] {
  const groups = Map.groupBy(
    recordsOf(entry).filter(({ routing }) => routing.policy === 'simple'),
    ({ name, type }: { readonly name: string; readonly type: string }) => `${name} ${type as AddressType}`,
  );
  return [...groups]
    .filter(([, group]) => group.length > 1)
    .map(
      ([name, group]) =>
        `${name}: how one of its ${group.length} records is chosen is not known here (by address range, perhaps)`,
    );
}

function isByPlace(entry: Entry): boolean {
  return recordsOf(entry).some(({ routing }) => routing.policy === 'geolocation');
}
