import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  auditOf,
  openMaster,
  openTestMaster,
  workOf,
  type TestMaster,
} from '../../../../../test/support/master.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { Failure } from '../../domain/failure.ts';
import type { ItemOutcome } from '../../domain/migration-run.ts';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import { PgBossWorkQueue } from '../jobs/pg-boss-work-queue.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const failure: Failure = {
  code: 'MIGRATION_FAILED',
  message: 'column "email" contains null values',
  sqlstate: '23502',
  migration: '20260201000000_email',
  statementNumber: 2,
  statement: 'ALTER TABLE customers ALTER email SET NOT NULL',
};

async function found(master: TestMaster, id: string): Promise<TenantDatabaseAggregate> {
  const record = await master.repository.findById(id);
  if (record === null) throw new Error(`no record ${id}`);
  return record;
}

/** A run with one item that a lane has claimed, and the claimed record. */
async function claimedItem(master: TestMaster) {
  const { id } = await master.activeRecord();
  const run = await master.prisma.migrationRun.create({
    data: { targetVersion: 'v', migrations: [], startedBy: 'test' },
  });
  const item = await master.prisma.migrationRunItem.create({
    data: {
      runId: run.id,
      tenantDatabaseId: id,
      serverName: 'default',
      position: 1,
      state: 'running',
      attempts: 1,
      lane: 3,
      daemonId: randomUUID(),
    },
  });
  await master.prisma.tenantDatabase.update({
    where: { id },
    data: {
      workKind: 'item',
      workId: item.id,
      workOperation: 'migrate',
      workAttempt: 1,
      workSince: new Date(),
    },
  });
  return { itemId: item.id, record: await found(master, id) };
}

const itemOf = (master: TestMaster, id: string) =>
  master.prisma.migrationRunItem.findUniqueOrThrow({ where: { id } });

test('a job starts and ends in the transaction of its record', async () => {
  const onError = () => undefined;
  await using bare = await openTestMaster(postgres);
  const queue = await PgBossWorkQueue.open({ pool: bare.pool, daemonId: randomUUID(), onError });
  try {
    await using master = openMaster(bare.url, { jobs: queue });
    const stateOf = async (id: string) =>
      (await master.pool.query('SELECT state FROM pgboss.job WHERE id = $1', [id])).rows[0]?.state;
    const work = workOf('provision');
    const record = await master.newRecord({ work });
    const startJob = {
      jobId: work.id,
      operation: 'provision',
      tenantDatabaseId: record.id,
    } as const;
    const saved = await master.repository.save(record, { startJob });
    expect(await stateOf(work.id)).toBe('created');
    await master.pool.query(`UPDATE pgboss.job SET state = 'active' WHERE id = $1`, [work.id]);
    saved.provisioned(null, new Date());
    await master.repository.save(saved, { completeJob: { jobId: work.id } });
    expect(await stateOf(work.id)).toBe('completed');
  } finally {
    await queue.close();
  }
});

test('a job that cannot start leaves nothing of the save', async () => {
  const onError = () => undefined;
  await using bare = await openTestMaster(postgres);
  const queue = await PgBossWorkQueue.open({ pool: bare.pool, daemonId: randomUUID(), onError });
  try {
    await using master = openMaster(bare.url, { jobs: queue });
    const work = workOf('provision');
    const record = await master.newRecord({ work });
    const job = { operation: 'provision', tenantDatabaseId: record.id } as const;
    // The database has a job already, so the queue refuses another one.
    await queue.start(master.prisma, { ...job, jobId: randomUUID() });
    const before = await master.eventTypes();
    await expect(
      master.repository.save(record, {
        audit: auditOf('tenantDatabaseCreate'),
        startJob: { ...job, jobId: work.id },
      }),
    ).rejects.toMatchObject({ code: 'OPERATION_IN_PROGRESS' });
    expect(await master.repository.findById(record.id)).toBeNull();
    expect(await master.eventTypes()).toEqual(before);
    expect(await master.prisma.auditEntry.count()).toBe(1);
  } finally {
    await queue.close();
  }
});

test('a save that failed can be repeated with the same aggregate, and its events are not lost', async () => {
  await using master = await openTestMaster(postgres);
  const record = await master.newRecord({});
  const { prisma } = master;
  await prisma.$executeRaw`ALTER TABLE "OutboxEvent" RENAME TO "Elsewhere"`;
  await expect(master.repository.save(record)).rejects.toThrow();
  await prisma.$executeRaw`ALTER TABLE "Elsewhere" RENAME TO "OutboxEvent"`;
  await master.repository.save(record);
  expect((await master.eventTypes()).at(-1)).toBe('TenantDatabaseCreatedEvent');
});

test('a save that is refused starts no job', async () => {
  const onError = () => undefined;
  await using bare = await openTestMaster(postgres);
  const queue = await PgBossWorkQueue.open({ pool: bare.pool, daemonId: randomUUID(), onError });
  try {
    await using master = openMaster(bare.url, { jobs: queue });
    const { id } = await master.activeRecord();
    const stale = await found(bare, id);
    const fresh = await found(bare, id);
    fresh.update({ errorMessage: 'first', now: new Date() });
    await master.repository.save(fresh);
    const work = workOf('suspend');
    stale.queueSuspension(work, new Date());
    const startJob = { jobId: work.id, operation: 'suspend', tenantDatabaseId: id } as const;
    await expect(master.repository.save(stale, { startJob })).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    });
    const { rows } = await master.pool.query('SELECT FROM pgboss.job WHERE id = $1', [work.id]);
    expect(rows).toEqual([]);
  } finally {
    await queue.close();
  }
});

const later = new Date('2026-12-01T00:00:00.000Z');
test.each<[ItemOutcome, object]>([
  [
    { state: 'done', toVersion: 'v2' },
    { toVersion: 'v2', endedAt: expect.any(Date) },
  ],
  [
    { state: 'unchanged', toVersion: 'v1' },
    { toVersion: 'v1', endedAt: expect.any(Date) },
  ],
  [
    { state: 'failed', failure },
    { failure, cause: expect.stringContaining('23502'), endedAt: expect.any(Date) },
  ],
  [
    { state: 'skipped', reason: 'SUSPENDED' },
    { skipReason: 'SUSPENDED', endedAt: expect.any(Date) },
  ],
  [
    { state: 'pending', notBefore: later, failure },
    { notBefore: later, endedAt: null, failure },
  ],
])('an item is settled with its record: %o', async (outcome, expected) => {
  await using master = await openTestMaster(postgres);
  const { itemId, record } = await claimedItem(master);
  record.unchanged(null, new Date());
  await master.repository.save(record, { settleItem: { itemId, attempt: 1, outcome } });
  expect(await itemOf(master, itemId)).toMatchObject({
    state: outcome.state,
    lane: null,
    daemonId: null,
    ...expected,
  });
  expect((await found(master, record.id)).work).toBeNull();
});

test.each([
  ['another attempt', { attempts: 2 }],
  ['not in hand any more', { state: 'pending' }],
])('an item that is %s is not settled, and its record stays as it was', async (_why, data) => {
  await using master = await openTestMaster(postgres);
  const { itemId, record } = await claimedItem(master);
  await master.prisma.migrationRunItem.update({ where: { id: itemId }, data });
  const before = await master.eventTypes();
  record.unchanged('v2', new Date());
  const outcome = { state: 'done', toVersion: 'v2' } as const;
  await expect(
    master.repository.save(record, { settleItem: { itemId, attempt: 1, outcome } }),
  ).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
  expect((await found(master, record.id)).work?.id).toBe(itemId);
  expect((await itemOf(master, itemId)).toVersion).toBeNull();
  expect(await master.eventTypes()).toEqual(before);
});

test('an item whose record has moved on is not settled', async () => {
  await using master = await openTestMaster(postgres);
  const { itemId, record } = await claimedItem(master);
  const { id } = record;
  await master.prisma.tenantDatabase.update({
    where: { id },
    data: { revision: { increment: 1 } },
  });
  const before = await master.eventTypes();
  record.unchanged('v2', new Date());
  const outcome = { state: 'done', toVersion: 'v2' } as const;
  await expect(
    master.repository.save(record, { settleItem: { itemId, attempt: 1, outcome } }),
  ).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
  expect(await itemOf(master, itemId)).toMatchObject({
    state: 'running',
    toVersion: null,
    lane: 3,
  });
  expect((await found(master, id)).work?.id).toBe(itemId);
  expect(await master.eventTypes()).toEqual(before);
});

test('an item that is taken over while it is being settled is not settled', async () => {
  await using master = await openTestMaster(postgres);
  const { itemId, record } = await claimedItem(master);
  record.unchanged('v2', new Date());
  const outcome = { state: 'done', toVersion: 'v2' } as const;
  const saved = await master.prisma.$transaction(async (tx) => {
    await tx.migrationRunItem.update({ where: { id: itemId }, data: { attempts: 2 } });
    const saving = master.repository.save(record, {
      settleItem: { itemId, attempt: 1, outcome },
    });
    const settled = Promise.allSettled([saving]);
    await eventually(async () => expect(await waiting(master)).toBe(1));
    return () => settled;
  });
  expect(await saved()).toMatchObject([{ reason: { code: 'REVISION_CONFLICT' } }]);
  expect(await itemOf(master, itemId)).toMatchObject({ state: 'running', attempts: 2 });
  expect((await found(master, record.id)).work?.id).toBe(itemId);
});

/** How many sessions of this master wait for a lock. */
async function waiting(master: TestMaster): Promise<number> {
  const { rows } = await master.pool.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
}

test('whoever held the record before another claim cannot save', async () => {
  await using master = await openTestMaster(postgres);
  const { record } = await claimedItem(master);
  // A claim changes no revision, and the first attempts of two pieces of work have the same number.
  await master.prisma.tenantDatabase.update({
    where: { id: record.id },
    data: { workId: randomUUID() },
  });
  record.migrationStarted(new Date());
  await expect(master.repository.save(record)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
});
