import { expect, test } from 'vitest';
import { Problem } from '../domain/errors.ts';
import { TenantDatabasePrimitives } from '../domain/tenant-database-primitives.ts';
import { TenantDatabaseAggregate } from '../domain/tenant-database.ts';
import { Tenant } from '../domain/tenant.ts';
import type { Along, Principal } from '../ports/tenant-database-write-repository.ts';
import { migrateTenantDatabase } from './commands/migrate-tenant-database.ts';
import { resumeTenantDatabase } from './commands/resume-tenant-database.ts';
import { retryTenantDatabase } from './commands/retry-tenant-database.ts';
import { suspendTenantDatabase } from './commands/suspend-tenant-database.ts';

const now = new Date('2026-11-21T10:00:00.000Z');
const operator: Principal = { name: 'unix:uid=1000', role: 'operator', requestId: 'r1' };
const acme = Tenant.parse({
  id: '11111111-1111-4111-8111-111111111111',
  slug: 'acme',
  name: 'Acme',
  tags: {},
  createdAt: now,
});
const jobId = '33333333-3333-4333-8333-333333333333';

/** The tenant acme and its record, as it is stored, and what was written. One migration on disk may be unfit. */
function world(over: Record<string, unknown> = {}, unfit?: string) {
  const record = TenantDatabasePrimitives.parse({
    id: '22222222-2222-4222-8222-222222222222',
    tenantId: acme.id,
    tenantSlug: acme.slug,
    server: 'default',
    databaseName: 'tenant_acme',
    readDatabaseName: 'tenant_acme_read',
    status: 'ACTIVE',
    statusBeforeSuspension: null,
    schemaVersion: null,
    lastMigrationAt: null,
    failedOperation: null,
    failure: null,
    work: null,
    revision: 7,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
    ...over,
  });
  const saved: { readonly database: TenantDatabasePrimitives; readonly along: Along }[] = [];
  const needs = {
    tenants: {
      find: async (idOrSlug: string) =>
        [acme.id, acme.slug].some((name) => name === idOrSlug) ? acme : null,
    },
    databases: {
      findById: async () => TenantDatabaseAggregate.fromPrimitives(record),
      findByTenantId: async () => [TenantDatabaseAggregate.fromPrimitives(record)],
      save: async (database: TenantDatabaseAggregate, along: Along = {}) => {
        saved.push({ database: database.toPrimitives(), along });
        return TenantDatabaseAggregate.fromPrimitives(database.toPrimitives());
      },
    },
    migrator: {
      migrationsOnDisk: async (willRun: (name: string) => boolean = () => false) => {
        if (unfit !== undefined && willRun(unfit)) throw new Problem('MIGRATION_REFUSED', unfit);
        return [];
      },
    },
    clock: { now: () => now },
    ids: { uuid: () => jobId },
  };
  return { needs, saved, record };
}

const failed = { status: 'FAILED', failure: { code: 'MIGRATION_FAILED', message: 'it failed' } };

test.each([
  [migrateTenantDatabase, {}, 'migrate', 'ACTIVE', 'TenantDatabaseMigrateCommand'],
  [
    retryTenantDatabase,
    { ...failed, failedOperation: 'migrate' },
    'migrate',
    'MIGRATING',
    'TenantDatabaseRetryCommand',
  ],
  [
    retryTenantDatabase,
    { ...failed, failedOperation: 'provision' },
    'provision',
    'PROVISIONING',
    'TenantDatabaseRetryCommand',
  ],
  [suspendTenantDatabase, {}, 'suspend', 'ACTIVE', 'TenantDatabaseSuspendCommand'],
  [
    resumeTenantDatabase,
    { status: 'SUSPENDED', statusBeforeSuspension: 'ACTIVE' },
    'resume',
    'SUSPENDED',
    'TenantDatabaseResumeCommand',
  ],
])('%o of %j writes the claim, the job and the audit entry together', async (...given) => {
  const [command, over, operation, status, name] = given;
  const { needs, saved, record } = world(over);
  const id = await command(needs, { tenantId: 'acme', revision: 7, reason: 'asked to' }, operator);

  expect(id).toBe(record.id);
  expect(saved).toHaveLength(1);
  const { database, along } = saved[0] ?? {};
  expect(database).toMatchObject({
    status,
    revision: 8,
    work: { kind: 'operation', id: jobId, operation, attempt: 0, since: now },
  });
  expect(along?.startJob).toEqual({ jobId, operation, tenantDatabaseId: id });
  expect(along?.audit).toEqual({
    principal: operator,
    command: name,
    subjectId: id,
    arguments: { tenantId: acme.id, status: record.status, revision: 7, reason: 'asked to' },
  });
});

const claimed = {
  work: {
    kind: 'item',
    id: '44444444-4444-4444-8444-444444444444',
    operation: 'migrate',
    attempt: 1,
    since: now,
  },
};

test.each([
  ['another revision', {}, { tenantId: 'acme', revision: 6 }, 'REVISION_CONFLICT'],
  ['work under way', claimed, { tenantId: 'acme' }, 'OPERATION_IN_PROGRESS'],
  ['a deleted record', { deletedAt: now }, { tenantId: 'acme' }, 'TENANT_DATABASE_DELETED'],
  ['an unknown tenant', {}, { tenantId: 'globex' }, 'TENANT_NOT_FOUND'],
  ['an illegal status', { status: 'MIGRATING' }, { tenantId: 'acme' }, 'ILLEGAL_TRANSITION'],
  ['a revision that is none', {}, { tenantId: 'acme', revision: 0 }, 'INVALID_INPUT'],
  ['an empty reason', {}, { tenantId: 'acme', reason: ' ' }, 'INVALID_INPUT'],
])('%s is refused and nothing is written', async (_what, over, command, code) => {
  const { needs, saved } = world(over);
  await expect(migrateTenantDatabase(needs, command, operator)).rejects.toMatchObject({ code });
  expect(saved).toEqual([]);
});

test('only a FAILED database is retried, and the help says what to do with the others', async () => {
  const { needs } = world();
  const retried = retryTenantDatabase(needs, { tenantId: 'acme' }, operator);
  await expect(retried).rejects.toMatchObject({
    code: 'NOTHING_TO_RETRY',
    message: 'Tenant database "acme" is ACTIVE, so there is nothing to retry',
    help: 'Only FAILED databases are retried; migrate an ACTIVE one.',
  });
});

test('work whose migrations could not run is refused, and nothing is written', async () => {
  const unfitFor = { migrate: { schemaVersion: '1_init' }, provision: { schemaVersion: null } };
  for (const [failedOperation, over] of Object.entries(unfitFor)) {
    const { needs, saved } = world({ ...failed, failedOperation, ...over }, '2_unfit');
    const retried = retryTenantDatabase(needs, { tenantId: 'acme' }, operator);
    await expect(retried).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
    expect(saved).toEqual([]);
  }
  const { needs, saved } = world(unfitFor.migrate, '2_unfit');
  const migrated = migrateTenantDatabase(needs, { tenantId: 'acme' }, operator);
  await expect(migrated).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
  expect(saved).toEqual([]);
});

test('an unfit file that the database has had, or that nobody knows whether it has, is no obstacle', async () => {
  for (const schemaVersion of ['2_unfit', '3_later', null]) {
    const { needs, saved } = world({ schemaVersion }, '2_unfit');
    await migrateTenantDatabase(needs, { tenantId: 'acme' }, operator);
    expect(saved).toHaveLength(1);
  }
});

test('a viewer starts nothing', async () => {
  const viewer: Principal = { name: 'token:1', role: 'viewer' };
  for (const command of [migrateTenantDatabase, retryTenantDatabase, suspendTenantDatabase]) {
    const { needs, saved } = world();
    await expect(command(needs, { tenantId: 'acme' }, viewer)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('to the role viewer: it takes operator'),
    });
    expect(saved).toEqual([]);
  }
});
