import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestMaster, workOf, type TestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { viewOf } from '../../application/view-models/tenant-database-view-model.ts';
import { PostgresFleetSnapshot } from './postgres-fleet-snapshot.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const snapshotOf = ({ pool }: TestMaster) => new PostgresFleetSnapshot({ pool });

test('an empty fleet has a server and nothing else', async () => {
  await using master = await openTestMaster(postgres);
  expect(await snapshotOf(master).take()).toEqual({
    seq: 0,
    databases: [],
    tenants: [],
    servers: [{ name: 'default', lanes: 8, maxConnections: 50, paused: false }],
    run: null,
  });
});

test('records are shown as their views, by slug, deleted ones not at all', async () => {
  await using master = await openTestMaster(postgres);
  const claimed = await master.activeRecord('b');
  claimed.queueMigration(workOf('migrate'), new Date());
  const failed = await master.newRecord({ slug: 'a' });
  failed.failed({ code: 'PROVISIONING_FAILED', message: 'full', sqlstate: '53100' }, new Date());
  const deleted = await master.activeRecord('c');
  deleted.delete(new Date());
  for (const record of [claimed, failed, deleted]) await master.repository.save(record);
  const idle = await master.newTenant('d');
  const { seq, databases, tenants } = await snapshotOf(master).take();
  expect(databases).toEqual([failed, claimed].map((record) => viewOf(record.toPrimitives())));
  expect(tenants).toEqual([
    expect.objectContaining({ slug: 'c', databaseId: null }),
    { ...idle, databaseId: null },
  ]);
  expect(seq).toBe(await master.eventLog.head());
});

test('a snapshot of some tenants has only those', async () => {
  await using master = await openTestMaster(postgres);
  const [a, b] = [await master.activeRecord('a'), await master.activeRecord('b')];
  const [c] = [await master.newTenant('c'), await master.newTenant('d')];
  const { databases, tenants } = await snapshotOf(master).take([a.tenantId, c.id]);
  expect(databases.map(({ tenantSlug }) => tenantSlug)).toEqual(['a']);
  expect(tenants.map(({ slug }) => slug)).toEqual(['c']);
  expect((await snapshotOf(master).take([b.tenantId])).tenants).toEqual([]);
});

test('the run that is going on is shown, else the last one, with its counts and causes', async () => {
  await using master = await openTestMaster(postgres);
  const records = [];
  for (const slug of ['a', 'b', 'c', 'd']) records.push(await master.activeRecord(slug));
  const run = { targetVersion: 'v2', migrations: [{ name: 'v2' }], startedBy: 'test' };
  const startedAt = new Date('2026-01-01T00:00:00Z');
  await master.prisma.migrationRun.create({ data: { ...run, state: 'completed', startedAt } });
  const { id } = await master.prisma.migrationRun.create({ data: { ...run, startedAt } });
  const failure = { code: 'MIGRATION_FAILED', message: 'no', sqlstate: '23502' };
  const states = ['done', 'failed', 'failed', 'pending'];
  for (const [position, state] of states.entries()) {
    await master.prisma.migrationRunItem.create({
      data: {
        runId: id,
        tenantDatabaseId: records[position]?.id ?? '',
        serverName: 'default',
        position,
        state,
        ...(state === 'failed' && { failure, cause: '23502 · no' }),
      },
    });
  }
  const shown = {
    id,
    number: 2,
    state: 'running',
    targetVersion: 'v2',
    migrationCount: 1,
    startedBy: 'test',
    reason: null,
    startedAt,
    endedAt: null,
    counts: { pending: 1, running: 0, done: 1, unchanged: 0, failed: 2, skipped: 0 },
    causes: [{ cause: '23502 · no', count: 2, sample: failure, sampleTenantSlug: 'b' }],
  };
  expect((await snapshotOf(master).take()).run).toEqual(shown);
  await master.prisma.migrationRun.create({ data: { ...run, state: 'aborted' } });
  expect((await snapshotOf(master).take()).run).toEqual(shown);
  await master.prisma.migrationRun.update({ where: { id }, data: { state: 'aborted' } });
  expect((await snapshotOf(master).take()).run?.number).toBe(3);
});

test('a snapshot and the events after its number are the fleet, while it changes', async () => {
  await using master = await openTestMaster(postgres);
  const snapshot = snapshotOf(master);
  let changing = true;
  const change = async (nth: number) => {
    let record = await master.activeRecord(`t-${nth}`);
    for (let turn = 0; turn < 40; turn += 1) {
      record.update({ errorMessage: `turn ${turn}`, now: new Date() });
      record = await master.repository.save(record);
    }
  };
  const changes = Promise.all(Array.from({ length: 6 }, (_, nth) => change(nth))).finally(() => {
    changing = false;
  });
  const taken = [];
  while (changing) taken.push(await snapshot.take());
  await changes;
  const events = await master.events();
  expect(new Set(taken.map(({ seq }) => seq)).size).toBeGreaterThan(5);
  for (const { seq, databases } of taken) {
    const last = new Map<string, number>();
    for (const { seq: at, event } of events) {
      if (at <= seq && 'database' in event) last.set(event.database.id, event.database.revision);
    }
    expect(new Map(databases.map(({ id, revision }) => [id, revision]))).toEqual(last);
  }
});
