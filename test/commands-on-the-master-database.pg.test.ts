import { randomUUID } from 'node:crypto';
import { createTenant } from '@tenantctl/core/application/commands/create-tenant';
import { createTenantDatabase } from '@tenantctl/core/application/commands/create-tenant-database';
import { migrateTenantDatabase } from '@tenantctl/core/application/commands/migrate-tenant-database';
import { startMigrationRun } from '@tenantctl/core/application/commands/start-migration-run';
import { suspendTenantDatabase } from '@tenantctl/core/application/commands/suspend-tenant-database';
import { findMigrationRunById } from '@tenantctl/core/application/queries/find-migration-run-by-id';
import { findMigrationRunItems } from '@tenantctl/core/application/queries/find-migration-run-items';
import { findTenantDatabaseById } from '@tenantctl/core/application/queries/find-tenant-database-by-id';
import { findTenantDatabaseByTenantId } from '@tenantctl/core/application/queries/find-tenant-database-by-tenant-id';
import { findTenantsByCriteria } from '@tenantctl/core/application/queries/find-tenants-by-criteria';
import { Problem } from '@tenantctl/core/domain/errors';
import { PgBossWorkQueue } from '@tenantctl/core/infrastructure/jobs/pg-boss-work-queue';
import { TenantDatabasePostgresReadRepository } from '@tenantctl/core/infrastructure/postgres/tenant-database-postgres-read-repository';
import { MigrationRunPrismaRepository } from '@tenantctl/core/infrastructure/prisma/migration-run-prisma-repository';
import type { Principal } from '@tenantctl/core/ports/tenant-database-write-repository';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMaster, openTestMaster } from './support/master.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const admin: Principal = { name: 'unix:uid=1000', role: 'admin', requestId: 'r1' };
const migrations = ['20260101_init', '20260201_email'].map((name) => ({
  name,
  checksum: 'a'.repeat(64),
}));

/** A master database with its queue, and what commands and queries need of them. */
async function openWorld() {
  const bare = await openTestMaster(postgres);
  const { url, pool: queuePool } = bare;
  const queue = await PgBossWorkQueue.open({
    pool: queuePool,
    daemonId: randomUUID(),
    onError: (error) => {
      throw error;
    },
  });
  const master = openMaster(url, { jobs: queue });
  const { prisma, pool, repository } = master;
  const runs = new MigrationRunPrismaRepository({
    client: prisma,
    tenantDatabases: repository,
    onEvents: () => undefined,
  });
  const needs = {
    tenants: master.tenants,
    databases: repository,
    runs,
    readModel: new TenantDatabasePostgresReadRepository({ pool }),
    migrator: { migrationsOnDisk: async () => migrations },
    clock: { now: () => new Date() },
    ids: { uuid: () => randomUUID() },
  };
  const count = async (table: string) => {
    const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`);
    return rows[0]?.count ?? 0;
  };
  return {
    ...master,
    needs,
    /** Everything that a command leaves behind. */
    traces: async () => ({
      records: await count('"TenantDatabase"'),
      jobs: await count('pgboss.job'),
      audited: await count('"AuditEntry"'),
      events: await count('"OutboxEvent"'),
    }),
    async [Symbol.asyncDispose]() {
      await queue.close();
      await master[Symbol.asyncDispose]();
      await bare[Symbol.asyncDispose]();
    },
  };
}

/** How each of these ended: `done`, or the code of its problem. */
async function endsOf(attempts: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(attempts);
  return settled
    .map((one) => {
      if (one.status === 'fulfilled') return 'done';
      return one.reason instanceof Problem ? one.reason.code : String(one.reason);
    })
    .toSorted();
}

test('creating a database leaves a claimed record, its job, its event and its audit entry', async () => {
  await using world = await openWorld();
  const { needs, pool } = world;
  const tenantId = await createTenant(needs, { slug: 'acme', tags: { tier: 'gold' } }, admin);
  const id = await createTenantDatabase(needs, { tenantId: 'acme' }, admin);

  const record = await findTenantDatabaseByTenantId(needs, { tenantId });
  expect(record?.toPrimitives()).toMatchObject({
    id,
    status: 'PROVISIONING',
    work: { operation: 'provision', attempt: 0 },
  });
  const jobs = await pool.query('SELECT id, data FROM pgboss.job');
  expect(jobs.rows).toEqual([
    { id: record?.work?.id, data: { operation: 'provision', tenantDatabaseId: id } },
  ]);
  expect(await world.eventTypes()).toEqual(['TenantCreatedEvent', 'TenantDatabaseCreatedEvent']);
  const audit = await pool.query(
    'SELECT command, "subjectId", actor FROM "AuditEntry" ORDER BY seq',
  );
  expect(audit.rows).toEqual([
    { command: 'TenantCreateCommand', subjectId: tenantId, actor: admin.name },
    { command: 'TenantDatabaseCreateCommand', subjectId: id, actor: admin.name },
  ]);
});

test('of two that create at once one wins, and the other leaves nothing', async () => {
  await using world = await openWorld();
  const { needs } = world;
  await createTenant(needs, { slug: 'acme' }, admin);
  const create = () => createTenantDatabase(needs, { tenantId: 'acme' }, admin);
  expect(await endsOf([create(), create()])).toEqual(['TENANT_DATABASE_TENANT_ID_EXISTS', 'done']);
  expect(await world.traces()).toEqual({ records: 1, jobs: 1, audited: 2, events: 2 });
});

test('two tenants do not get one database name on one server', async () => {
  await using world = await openWorld();
  const { needs } = world;
  await createTenant(needs, { slug: 'acme' }, admin);
  await createTenant(needs, { slug: 'globex' }, admin);
  const create = (tenantId: string) =>
    createTenantDatabase(needs, { tenantId, databaseName: 'shared' }, admin);
  expect(await endsOf([create('acme'), create('globex')])).toEqual(['DATABASE_NAME_TAKEN', 'done']);
  expect(await world.traces()).toMatchObject({ records: 1, jobs: 1 });
});

test('a server that nobody has added is refused', async () => {
  await using world = await openWorld();
  await createTenant(world.needs, { slug: 'acme' }, admin);
  const before = await world.traces();
  const created = createTenantDatabase(world.needs, { tenantId: 'acme', server: 'mars' }, admin);
  await expect(created).rejects.toMatchObject({ code: 'SERVER_NOT_FOUND' });
  expect(await world.traces()).toEqual(before);
});

test('of ten that start work on one database one does', async () => {
  await using world = await openWorld();
  const { needs } = world;
  const { tenantId } = await world.activeRecord('acme');
  const before = await world.traces();
  const starts = Array.from({ length: 10 }, (_, index) => {
    const start = index % 2 === 0 ? migrateTenantDatabase : suspendTenantDatabase;
    return start(needs, { tenantId }, admin);
  });
  const ends = await endsOf(starts);
  expect(ends.filter((end) => end === 'done')).toHaveLength(1);
  const refused = new Set(ends.filter((end) => end !== 'done'));
  expect([...refused].every((code) => /OPERATION_IN_PROGRESS|REVISION_CONFLICT/.test(code))).toBe(
    true,
  );
  expect(await world.traces()).toEqual({
    ...before,
    jobs: before.jobs + 1,
    audited: before.audited + 1,
    events: before.events + 1,
  });
});

test('a deleted record is hidden from queries, and commands say that it is deleted', async () => {
  await using world = await openWorld();
  const { needs, repository } = world;
  const record = await world.activeRecord('acme');
  record.delete(new Date());
  const { id, tenantId } = await repository.save(record);

  expect(await findTenantDatabaseByTenantId(needs, { tenantId: 'acme' })).toBeNull();
  const byId = findTenantDatabaseById(needs, { id });
  await expect(byId).rejects.toMatchObject({ code: 'TENANT_DATABASE_NOT_FOUND' });
  const deleted = { code: 'TENANT_DATABASE_DELETED' };
  await expect(migrateTenantDatabase(needs, { tenantId }, admin)).rejects.toMatchObject(deleted);
  await expect(createTenantDatabase(needs, { tenantId }, admin)).rejects.toMatchObject(deleted);
});

test('a tenant exists once, by slug and by id', async () => {
  await using world = await openWorld();
  const { needs } = world;
  const id = await createTenant(needs, { slug: 'acme' }, admin);
  const before = await world.traces();
  const again = [
    { slug: 'acme' },
    { slug: 'globex', id },
    { slug: 'globex', id: id.toUpperCase() },
  ];
  for (const command of again) {
    await expect(createTenant(needs, command, admin)).rejects.toMatchObject({
      code: 'TENANT_EXISTS',
    });
  }
  expect(await world.traces()).toEqual(before);
});

test('what is searched for is text, whatever it means to SQL', async () => {
  await using world = await openWorld();
  const { needs } = world;
  await createTenant(needs, { slug: 'acme', name: '100% "Acme" \\ Söhne_' }, admin);
  await createTenant(needs, { slug: 'globex', name: 'Globex' }, admin);
  const found = async (search: string) => {
    const { items } = await findTenantsByCriteria(needs, { search });
    return items.map(({ slug }) => slug);
  };
  for (const part of ['100%', '"Acme"', '\\', 'Söhne_', 'ACME', 'cme']) {
    expect(await found(part)).toEqual(['acme']);
  }
  for (const part of ["' OR 1=1 --", '%%', '_lobex', '\\\\']) {
    expect(await found(part)).toEqual([]);
  }
  expect(await found('')).toEqual(['acme', 'globex']);
});

test('of two that start a run at once one does, and the run is found by number and id', async () => {
  await using world = await openWorld();
  const { needs } = world;
  const { id: tenantDatabaseId } = await world.activeRecord('acme');
  await world.newTenant('globex');
  const start = () => startMigrationRun(needs, {}, admin);
  expect(await endsOf([start(), start()])).toEqual(['RUN_IN_PROGRESS', 'done']);

  const run = await findMigrationRunById(needs, { id: '1' });
  expect(run).toMatchObject({ state: 'running', targetVersion: '20260201_email' });
  expect(await findMigrationRunById(needs, { id: run.id.toUpperCase() })).toEqual(run);
  const { items, total } = await findMigrationRunItems(needs, { runId: '1' });
  expect(total).toBe(1);
  expect(items).toMatchObject([{ tenantDatabaseId, state: 'pending', runId: run.id }]);
});

test('what names no run finds none', async () => {
  await using world = await openWorld();
  for (const id of ['0', '99', '-1', '1; DROP TABLE "Tenant"', '', '9'.repeat(20), randomUUID()]) {
    await expect(findMigrationRunById(world.needs, { id })).rejects.toMatchObject({
      code: expect.stringMatching(/^(RUN_NOT_FOUND|INVALID_INPUT)$/),
    });
  }
});
