import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  auditOf,
  openMaster,
  openTestMaster,
  workOf,
  type TestMaster,
} from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { Lane } from '../../ports/migration-run-repository.ts';
import { MigrationRunPrismaRepository } from './migration-run-prisma-repository.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const checksum = 'a'.repeat(64);
const failure = { code: 'MIGRATION_FAILED', message: 'it contains null values', sqlstate: '23502' };

async function world(databases: number) {
  const master = await openTestMaster(postgres);
  const runs = new MigrationRunPrismaRepository({
    client: master.prisma,
    tenantDatabases: master.repository,
    onEvents: () => master.eventLog.committed(),
  });
  const records: TenantDatabaseAggregate[] = [];
  for (let index = 0; index < databases; index += 1) records.push(await master.activeRecord());
  const start = (includeFailed = false) =>
    runs.start(
      {
        id: randomUUID(),
        targetVersion: '2_b',
        migrations: [{ name: '2_b', checksum }],
        includeFailed,
        startedBy: 'test',
        reason: null,
        now: new Date(),
      },
      auditOf('migrationRunStart'),
    );
  return { master, runs, records, start };
}

/** A lane that this daemon holds by a lease, as the queue's worker takes it. */
async function leased(
  master: TestMaster,
  lane = 0,
  daemonId: string = randomUUID(),
): Promise<Lane> {
  const jobId = randomUUID();
  await master.prisma.workLease.create({ data: { jobId, queue: 'run-lane', daemonId } });
  return { server: 'default', lane, daemonId, jobId };
}

test('a run freezes the ACTIVE databases and says why it skips the others', async () => {
  const { master, runs, start } = await world(2);
  await using _ = master;
  const provisioning = await master.newRecord({ work: workOf('provision') });
  await master.repository.save(provisioning);
  const failed = await master.activeRecord();
  failed.migrationStarted(new Date());
  failed.failed(failure, new Date());
  await master.repository.save(failed);

  const run = await start();
  expect(run).toMatchObject({ number: 1, state: 'running', targetVersion: '2_b' });
  expect(run.counts).toMatchObject({ pending: 2, skipped: 2 });
  const { items } = await runs.items({ runId: run.id, state: 'skipped', page: 1, limit: 10 });
  expect(items.map(({ skipReason }) => skipReason).toSorted()).toEqual([
    'FAILED of migrate',
    'PROVISIONING',
  ]);
  expect(await runs.frozen(run.id)).toEqual([{ name: '2_b', checksum }]);
  expect((await master.eventTypes()).at(-1)).toBe('MigrationRunStartedEvent');
});

test('one run at a time, also when two are started at once', async () => {
  const { master, start } = await world(1);
  await using _ = master;
  const both = await Promise.allSettled([start(), start()]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await expect(start()).rejects.toMatchObject({ code: 'RUN_IN_PROGRESS', subject: '1' });
});

test('many lanes at once get each item once, and its database with it', async () => {
  const { master, runs, records, start } = await world(12);
  await using _ = master;
  await start();
  const lanes = await Promise.all([0, 1, 2, 3, 4, 5].map((lane) => leased(master, lane)));
  const rounds = await Promise.all(
    lanes.map(async (lane) => [
      await runs.claim(lane),
      await runs.claim(lane),
      await runs.claim(lane),
    ]),
  );
  const claimed = rounds.flat().filter((item) => item !== null);
  expect(claimed).toHaveLength(12);
  expect(new Set(claimed.map(({ id }) => id)).size).toBe(12);
  expect(new Set(claimed.map(({ tenantDatabase }) => tenantDatabase.id))).toEqual(
    new Set(records.map(({ id }) => id)),
  );
  for (const { id, attempt, tenantDatabase } of claimed) {
    expect(tenantDatabase.work).toMatchObject({ kind: 'item', id, attempt });
  }
});

test('a claim looks at a few items, however many are pending', async () => {
  const { master, start } = await world(0);
  await using _ = master;
  await master.pool.query(`
    WITH tenant AS (
      INSERT INTO "Tenant" ("id", "slug", "name", "updatedAt")
      SELECT gen_random_uuid(), 'tenant-' || n, '', now() FROM generate_series(1, 3000) AS n RETURNING "id"
    )
    INSERT INTO "TenantDatabase"
      ("id", "tenantId", "databaseName", "readDatabaseName", "status", "updatedAt")
    SELECT gen_random_uuid(), "id", 'tenant_' || "id", 'tenant_' || "id" || '_read', 'ACTIVE', now() FROM tenant`);
  await start();
  const lane = await leased(master);
  // One connection, so that it can be asked to report what it has read.
  await using single = openMaster(master.url, { maxConnections: 1 });
  const runs = new MigrationRunPrismaRepository({
    client: single.prisma,
    tenantDatabases: single.repository,
    onEvents: () => undefined,
  });
  const read = async (): Promise<number> => {
    await single.pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await single.pool.query(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_user_tables
        WHERE relname = 'MigrationRunItem'`,
    );
    return rows[0]?.read;
  };
  const before = await read();
  for (let claims = 0; claims < 10; claims += 1) expect(await runs.claim(lane)).not.toBeNull();
  expect((await read()) - before).toBeLessThan(300);
});

test('a database that an operation works on is left until it is free', async () => {
  const { master, runs, records, start } = await world(1);
  await using _ = master;
  await start();
  const [record] = records;
  if (record === undefined) throw new Error('one was made');
  record.queueMigration(workOf('migrate'), new Date());
  const busy = await master.repository.save(record);
  const lane = await leased(master);
  expect(await runs.claim(lane)).toBeNull();
  busy.unchanged(null, new Date());
  await master.repository.save(busy);
  expect(await runs.claim(lane)).not.toBeNull();
});

test('a lane whose lease has passed to another daemon claims nothing and takes nothing back', async () => {
  const { master, runs, start } = await world(2);
  await using _ = master;
  await start();
  const lane = await leased(master);
  expect(await runs.claim(lane)).not.toBeNull();
  await master.prisma.workLease.update({
    where: { jobId: lane.jobId },
    data: { daemonId: randomUUID() },
  });
  expect(await runs.claim(lane)).toBeNull();
  expect(await runs.heldBy(lane)).toEqual([]);
});

test('what a dead lane held is put back, and its late settlement is refused', async () => {
  const { master, runs, start } = await world(1);
  await using _ = master;
  const run = await start();
  const dead = await runs.claim(await leased(master, 3));
  if (dead === null) throw new Error('there is an item');
  dead.tenantDatabase.migrationStarted(new Date());
  const migrating = await master.repository.save(dead.tenantDatabase);

  const successor = await leased(master, 3);
  expect(await runs.heldBy(successor)).toEqual([{ itemId: dead.id }]);
  expect(await runs.putBack(successor)).toBe(1);
  expect((await master.repository.findById(migrating.id))?.status).toBe('ACTIVE');
  const again = await runs.claim(successor);
  expect(again).toMatchObject({ id: dead.id, attempt: 2 });

  migrating.migrated('2_b', new Date());
  const settleItem = {
    itemId: dead.id,
    attempt: dead.attempt,
    outcome: { state: 'done', toVersion: '2_b' },
  } as const;
  await expect(master.repository.save(migrating, { settleItem })).rejects.toMatchObject({
    code: 'REVISION_CONFLICT',
  });
  expect(await runs.settleUnchanged(dead)).toBe(false);
  expect((await runs.find(run.id))?.counts).toMatchObject({ running: 1, done: 0 });
});

test('an item with nothing to do is settled without an event, and its database is free', async () => {
  const { master, runs, start } = await world(1);
  await using _ = master;
  await start();
  const before = await master.eventTypes();
  const item = await runs.claim(await leased(master));
  if (item === null) throw new Error('there is an item');
  expect(await runs.settleUnchanged(item)).toBe(true);
  expect(await master.eventTypes()).toEqual(before);
  const record = await master.repository.findById(item.tenantDatabase.id);
  expect(record).toMatchObject({ work: null, revision: item.tenantDatabase.revision });
});

test('an item that waits for its next try is not claimed before', async () => {
  const { master, runs, start } = await world(1);
  await using _ = master;
  await start();
  const lane = await leased(master);
  const item = await runs.claim(lane);
  if (item === null) throw new Error('there is an item');
  item.tenantDatabase.released(new Date());
  const later = new Date(Date.now() + 3_600_000);
  const outcome = { state: 'pending', notBefore: later } as const;
  await master.repository.save(item.tenantDatabase, {
    settleItem: { itemId: item.id, attempt: item.attempt, outcome },
  });
  expect(await runs.claim(lane)).toBeNull();
  expect(await runs.serversWithWork()).toEqual([{ server: 'default', lanes: 8 }]);
});

test('a run ends once, when nothing is left, and tells its failures by cause', async () => {
  const { master, runs, start } = await world(2);
  await using _ = master;
  const run = await start();
  const lane = await leased(master);
  expect(await runs.endIfDone(new Date())).toBeNull();
  for (let item = await runs.claim(lane); item !== null; item = await runs.claim(lane)) {
    item.tenantDatabase.migrationStarted(new Date());
    const migrating = await master.repository.save(item.tenantDatabase);
    migrating.failed({ ...failure, migration: '2_b' }, new Date());
    const outcome = { state: 'failed', failure: { ...failure, migration: '2_b' } } as const;
    await master.repository.save(migrating, {
      settleItem: { itemId: item.id, attempt: item.attempt, outcome },
    });
  }
  const ends = await Promise.all([runs.endIfDone(new Date()), runs.endIfDone(new Date())]);
  const [ended, ...others] = ends.filter((end) => end !== null);
  expect(others).toEqual([]);
  expect(ended).toMatchObject({ state: 'completed-with-failures', counts: { failed: 2 } });
  expect(ended?.causes).toMatchObject([{ count: 2, sample: { sqlstate: '23502' } }]);
  expect(await runs.current()).toBeNull();
  expect(await runs.find(String(run.number))).toMatchObject({ id: run.id });
  expect(await runs.endedWithin(run.id, 60)).toBe(2);
  expect((await master.eventTypes()).at(-1)).toBe('MigrationRunEndedEvent');
});
