import { describe, expect, test } from 'vitest';
import type { FleetMessage } from '@tenantctl/core/client/fleet-stream';
import { FleetStore } from './fleet-store.ts';
import {
  nullFailure,
  sampleDatabase,
  sampleFleet,
  sampleId,
  sampleNow,
  sampleProgress,
  sampleSnapshot,
  sampleTenant,
} from '../../../../test/support/sample-fleet.ts';

const now = sampleNow.getTime();

function changed(
  seq: number,
  database: ReturnType<typeof sampleDatabase>,
  change: 'edited' | 'failed' | 'migrated' | 'created' | 'deleted' = 'edited',
): FleetMessage {
  const kind = 'tenant-database' as const;
  return { type: 'change', seq, at: sampleNow, change: { kind, change, database } };
}

function storeOf(...messages: readonly FleetMessage[]): FleetStore {
  const store = new FleetStore();
  for (const message of messages) store.apply(message, now);
  return store;
}

const slugOf = (store: FleetStore, n: number): string | undefined =>
  store.row(sampleId(1, n))?.slug;

describe('FleetStore', () => {
  test('counts lanes, causes and versions as rows come, change and go', () => {
    const failed = sampleDatabase(1, { status: 'FAILED', failure: nullFailure, revision: 8 });
    const store = storeOf(sampleSnapshot({ databases: [1, 2, 3].map((n) => sampleDatabase(n)) }));
    expect(store.laneCounts.of('ACTIVE')).toBe(3);
    store.apply(changed(101, failed, 'failed'), now);
    expect(store.laneCounts.entries()).toEqual(
      expect.arrayContaining([
        ['ACTIVE', 2],
        ['FAILED', 1],
      ]),
    );
    expect(store.causes.size).toBe(1);
    store.apply(changed(102, { ...failed, revision: 9 }, 'deleted'), now);
    expect(store.laneCounts.of('FAILED')).toBe(0);
    expect(store.causes.size).toBe(0);
    expect(store.size).toBe(2);
  });

  test('a change that was seen already does nothing', () => {
    const store = storeOf(sampleSnapshot({ databases: [sampleDatabase(1)], seq: 100 }));
    store.apply(changed(100, sampleDatabase(1, { status: 'SUSPENDED', revision: 9 })), now);
    expect(store.row(sampleId(1, 1))?.lane).toBe('ACTIVE');
  });

  test('an older revision never replaces a newer one', () => {
    const store = storeOf(
      sampleSnapshot({ databases: [sampleDatabase(1, { revision: 9 })] }),
      changed(101, sampleDatabase(1, { revision: 8, status: 'SUSPENDED' })),
    );
    expect(store.row(sampleId(1, 1))?.database?.revision).toBe(9);
  });

  test('a tenant keeps its row and its tags when it is given a database', () => {
    const store = storeOf(sampleSnapshot({ databases: [], tenants: [sampleTenant(2)] }));
    const before = store.row(sampleId(1, 2));
    store.apply(changed(101, sampleDatabase(2, { status: 'PROVISIONING' }), 'created'), now);
    const after = store.row(sampleId(1, 2));
    expect(before?.lane).toBe('NO_DATABASE');
    expect(after).toMatchObject({ id: before?.id, lane: 'PROVISIONING' });
    expect(after?.filterable.tags).toEqual({ tier: 'gold' });
    expect(store.size).toBe(1);
  });

  test('a snapshot replaces the fleet at once; rows that did not change stay the same objects', () => {
    const store = storeOf(sampleSnapshot({ databases: [sampleDatabase(1), sampleDatabase(2)] }));
    const before = store.row(sampleId(1, 1));
    store.apply({ type: 'resync', reason: 'slow' }, now);
    expect(slugOf(store, 2)).toBe('tenant-00002');
    store.apply(sampleSnapshot({ databases: [sampleDatabase(1), sampleDatabase(3)], seq: 5 }), now);
    expect(store.row(sampleId(1, 1))).toBe(before);
    expect(slugOf(store, 2)).toBeUndefined();
    store.apply(changed(6, sampleDatabase(3, { revision: 8, status: 'SUSPENDED' })), now);
    expect(store.row(sampleId(1, 3))?.lane).toBe('SUSPENDED');
  });

  test('steps of a run are found by row, and are forgotten when it ends', () => {
    const store = storeOf(sampleFleet(20), sampleProgress());
    const umbrella = store.row(sampleId(1, 5));
    expect(umbrella && store.stepOf(umbrella)?.index).toBe(2);
    const run = { ...sampleProgress().run, state: 'completed' as const, endedAt: sampleNow };
    store.apply({ type: 'change', seq: 101, at: sampleNow, change: { kind: 'run', run } }, now);
    expect(umbrella && store.stepOf(umbrella)).toBeUndefined();
    expect(store.pace).toBeNull();
  });

  test('a step that is told later than the end of its work is not shown', () => {
    const store = storeOf(sampleFleet(20));
    const umbrella = sampleDatabase(5, { tenantSlug: 'umbrella-02201', revision: 8 });
    store.apply(changed(101, umbrella, 'migrated'), now);
    store.apply(sampleProgress(), now);
    const row = store.row(sampleId(1, 5));
    expect(row?.lane).toBe('ACTIVE');
    expect(row && store.stepOf(row)).toBeUndefined();
  });

  test('two clocks that do not agree give no delay instead of a wrong one', () => {
    const store = storeOf(sampleFleet(10));
    store.apply({ type: 'bookmark', seq: 100, at: new Date(now - 120) }, now);
    expect(store.delayMs).toBe(120);
    store.apply({ type: 'bookmark', seq: 100, at: new Date(now + 60_000) }, now);
    expect(store.delayMs).toBeNull();
  });

  test('remembers what happened to a tenant, newest first', () => {
    const store = storeOf(
      sampleSnapshot({ databases: [sampleDatabase(1)] }),
      changed(101, sampleDatabase(1, { revision: 8 }), 'failed'),
      changed(102, sampleDatabase(1, { revision: 9 }), 'migrated'),
    );
    const seen = store.changes.of(sampleId(1, 1), 10).map(({ what }) => what);
    expect(seen).toEqual(['migrated', 'failed']);
  });
});
