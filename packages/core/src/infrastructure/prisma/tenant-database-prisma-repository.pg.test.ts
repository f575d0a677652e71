import { randomUUID } from 'node:crypto';
import type { Failure } from '../../domain/failure.ts';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  auditOf,
  openMaster,
  openTestMaster,
  workOf,
  type TestMaster,
} from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';

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

test('a record is found as it was saved, by its id and by its tenant', async () => {
  await using master = await openTestMaster(postgres);
  const record = await master.newRecord({ work: workOf('provision') });
  const created = await master.repository.save(record);
  created.failed(failure, new Date());
  const saved = await master.repository.save(created);
  expect((await found(master, saved.id)).toPrimitives()).toEqual(saved.toPrimitives());
  const [byTenant] = (await master.repository.findByTenantId(saved.tenantId)) ?? [];
  expect(byTenant?.toPrimitives()).toEqual(saved.toPrimitives());
  expect(await master.repository.findById(randomUUID())).toBeNull();
  expect(await master.repository.findById('no uuid')).toBeNull();
  expect(await master.repository.findByTenantId(randomUUID())).toBeNull();
});

test('a claimed record keeps its claim through a save', async () => {
  await using master = await openTestMaster(postgres);
  const work = workOf('migrate');
  const active = await master.activeRecord();
  active.queueMigration(work, new Date());
  await master.repository.save(active);
  const claimed = await found(master, active.id);
  expect(claimed.work).toEqual(work);
});

test('a save writes the events with their payload and the audit entry along', async () => {
  await using master = await openTestMaster(postgres);
  const record = await master.newRecord();
  const audit = auditOf('tenantDatabaseCreate', {
    subjectId: record.id,
    arguments: { databaseName: 'x', server: 'default' },
  });
  const saved = await master.repository.save(record, { audit });
  saved.provisioned('20260101000000_init', new Date());
  const after = await master.repository.save(saved);
  const events = await master.events();
  expect(events.map(({ event }) => event)).toEqual([
    expect.objectContaining({ type: 'TenantCreatedEvent' }),
    expect.objectContaining({ type: 'TenantDatabaseCreatedEvent' }),
    expect.objectContaining({
      type: 'TenantDatabaseUpdatedEvent',
      change: 'provisioned',
      database: after.toPrimitives(),
    }),
  ]);
  const entries = await master.prisma.auditEntry.findMany({ orderBy: { seq: 'asc' } });
  expect(entries).toEqual([
    expect.objectContaining({ command: 'tenantCreate' }),
    expect.objectContaining({
      seq: 2n,
      actor: 'unix:uid=1000',
      command: 'tenantDatabaseCreate',
      subjectId: record.id,
      arguments: { databaseName: 'x', server: 'default' },
      requestId: audit.principal.requestId,
    }),
  ]);
});

test('a stale revision is refused and leaves nothing', async () => {
  await using master = await openTestMaster(postgres);
  const { id } = await master.activeRecord();
  const stale = await found(master, id);
  const first = await found(master, id);
  first.update({ schemaVersion: undefined, errorMessage: 'first', now: new Date() });
  await master.repository.save(first);
  const before = await master.eventTypes();
  stale.update({ errorMessage: 'second', now: new Date() });
  await expect(
    master.repository.save(stale, { audit: auditOf('tenantDatabaseUpdate') }),
  ).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
  expect(await master.eventTypes()).toEqual(before);
  expect(await master.prisma.auditEntry.count({ where: { command: 'tenantDatabaseUpdate' } })).toBe(
    0,
  );
  expect((await found(master, id)).errorMessage).toBe('first');
});

test('of many who save the same revision at once one succeeds', async () => {
  await using master = await openTestMaster(postgres);
  const { id } = await master.activeRecord();
  const before = await master.events();
  const copies = await Promise.all(Array.from({ length: 8 }, () => found(master, id)));
  const results = await Promise.allSettled(
    copies.map((copy, index) => {
      copy.update({ errorMessage: `by ${index}`, now: new Date() });
      return master.repository.save(copy);
    }),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await master.events()).toHaveLength(before.length + 1);
});

test('whoever holds an older attempt of the claim cannot save', async () => {
  await using master = await openTestMaster(postgres);
  const work = workOf('migrate');
  const active = await master.activeRecord();
  active.queueMigration(work, new Date());
  await master.repository.save(active);
  const first = await master.repository.takeUpWork(active.id, work.id);
  const second = await master.repository.takeUpWork(active.id, work.id);
  expect([first?.work?.attempt, second?.work?.attempt]).toEqual([1, 2]);
  first?.migrationStarted(new Date());
  second?.migrationStarted(new Date());
  if (first === null || second === null) throw new Error('not taken up');
  await expect(master.repository.save(first)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
  expect((await master.repository.save(second)).status).toBe('MIGRATING');
});

test('work that the record is not claimed for is not taken up', async () => {
  await using master = await openTestMaster(postgres);
  const active = await master.activeRecord();
  expect(await master.repository.takeUpWork(active.id, randomUUID())).toBeNull();
  expect((await found(master, active.id)).work).toBeNull();
});

test('a tenant has one database', async () => {
  await using master = await openTestMaster(postgres);
  const tenant = await master.newTenant('acme');
  await master.repository.save(await master.newRecord({ tenant, databaseName: 'first' }));
  const second = await master.newRecord({ tenant, databaseName: 'second' });
  await expect(master.repository.save(second)).rejects.toMatchObject({
    code: 'TENANT_DATABASE_TENANT_ID_EXISTS',
    subject: 'acme',
  });
});

test('a name on a server belongs to one record until that is deleted', async () => {
  await using master = await openTestMaster(postgres);
  const first = await master.newRecord({ databaseName: 'shop' });
  first.provisioned(null, new Date());
  const stored = await master.repository.save(first);
  await expect(
    master.repository.save(await master.newRecord({ databaseName: 'shop' })),
  ).rejects.toMatchObject({ code: 'DATABASE_NAME_TAKEN', subject: 'shop' });
  stored.delete(new Date());
  await master.repository.save(stored);
  await master.repository.save(await master.newRecord({ databaseName: 'shop' }));
});

test('a deleted record is removed for good', async () => {
  await using master = await openTestMaster(postgres);
  const active = await master.activeRecord();
  active.delete(new Date());
  await master.repository.save(active);
  expect((await found(master, active.id)).deletedAt).toBeInstanceOf(Date);
  expect(await master.repository.delete(active.id)).toBe(true);
  expect(await master.repository.delete(active.id)).toBe(false);
  expect(await master.repository.findById(active.id)).toBeNull();
});

test('a failure that PostgreSQL cannot store as it is does not keep a record from being saved', async () => {
  await using master = await openTestMaster(postgres);
  const record = await master.newRecord();
  record.failed(
    { code: 'PROVISIONING_FAILED', message: 'cut in half \ud83d and a NUL \0.' },
    new Date(),
  );
  await master.repository.save(record);
  expect((await found(master, record.id)).errorMessage).toBe('cut in half \ufffd and a NUL .');
});

test('a master that is away is a problem of the world', async () => {
  await using away = openMaster('postgresql://nobody@127.0.0.1:1/nowhere');
  await expect(away.repository.findById(randomUUID())).rejects.toMatchObject({
    code: 'MASTER_UNREACHABLE',
    kind: 'world',
  });
});
