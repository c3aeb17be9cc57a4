import { expect } from 'vitest';
import type { Event } from './client.ts';
import { mergePatch, type Place, type Row } from './row.ts';

function listOf(on: Place): string {
  return `${on.deployment.replace(/\/[^/]+$/, '')}?fieldSelector=metadata.name%3D${on.client.at.deployment}`;
}

function byName(on: Place): string {
  return `${listOf(on)}&watch=true`;
}

function isWanted(replicas: number): (event: Event) => boolean {
  return (event) => event.type === 'MODIFIED' && event.object.spec?.replicas === replicas;
}

export const watchRows: readonly Row[] = [
  {
    claim: 'a watch from a version tells what changed after it, whole',
    from: 3,
    async exchange(on) {
      // Of the list: an object's own may be older than all that a server which was started again remembers.
      const { resourceVersion } = (await on.expects(200, { path: listOf(on) })).body.metadata;
      await on.expects(200, { method: 'PATCH', path: on.scale, body: { spec: { replicas: 2 } }, type: mergePatch });
      const events = await on.client.watch(`${byName(on)}&resourceVersion=${resourceVersion}`, isWanted(2));
      // A controller may write a status between the reading and the change: its events come before.
      const versions = events.map((event) => Number(event.object.metadata.resourceVersion));
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(versions[0]).toBeGreaterThan(Number(resourceVersion));
      const last = events.at(-1)?.object;
      expect(last).toMatchObject({ kind: 'Deployment', apiVersion: 'apps/v1', spec: { replicas: 2 } });
    },
  },
  {
    claim: 'a watch from no version begins with what is there',
    async exchange(on) {
      const events = await on.client.watch(byName(on), () => true);
      expect(events.map((event) => event.type)).toEqual(['ADDED']);
    },
  },
  {
    claim: 'a watch that streams the list marks its end with a bookmark',
    async exchange(on) {
      const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const events = await on.client.watch(`${byName(on)}&${query}`, (event) => event.type === 'BOOKMARK');
      expect(events.map((event) => event.type).join(' ')).toMatch(/^ADDED( MODIFIED)* BOOKMARK$/);
      expect(events.at(-1)?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      expect(events.at(-1)?.object.metadata.resourceVersion).toMatch(/^\d+$/);
      await on.expects(422, { path: `${byName(on)}&sendInitialEvents=true` }, 'Invalid');
    },
  },
  {
    claim: 'what leaves the selection of a watch is deleted for it',
    async exchange(on) {
      const leases = on.leases;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'conformance', labels: { watched: 'yes' } },
      };
      const { body } = await on.expects(201, { method: 'POST', path: leases, body: lease });
      const labels = { metadata: { labels: { watched: null } } };
      await on.expects(200, { method: 'PATCH', path: `${leases}/conformance`, body: labels, type: mergePatch });
      const path = `${leases}?watch=true&labelSelector=watched%3Dyes&resourceVersion=${Number(body.metadata.resourceVersion) - 1}`;
      const events = await on.client.watch(path, (event) => event.type === 'DELETED');
      expect(events.map((event) => event.type)).toEqual(['ADDED', 'DELETED']);
      await on.expects(200, { method: 'DELETE', path: `${leases}/conformance` });
    },
  },
  {
    claim: 'a watch ends by itself after the time asked for',
    async exchange(on) {
      const events = await on.client.watch(`${byName(on)}&timeoutSeconds=1`, () => false);
      expect(events.map((event) => event.type)).toContain('ADDED');
    },
  },
  {
    claim: 'a watch from a version that is forgotten gets a 410 as an event, and ends',
    needs: 'compact',
    async exchange(on) {
      const { resourceVersion } = (await on.expects(200, { path: on.deployment })).body.metadata;
      const annotations = { metadata: { annotations: { 'conformance.test/passed': String(resourceVersion) } } };
      await on.expects(200, { method: 'PATCH', path: on.deployment, body: annotations, type: mergePatch });
      await on.client.at.compact?.();
      const events = await on.client.watch(`${byName(on)}&resourceVersion=${resourceVersion}`, () => false);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    },
  },
];
