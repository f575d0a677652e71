import { expect, test } from 'vitest';
import { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import { Tenant } from '../../domain/tenant.ts';
import type {
  Along,
  Principal,
  TenantDatabaseWriteRepository,
} from '../../ports/tenant-database-write-repository.ts';
import { createTenantDatabase } from './create-tenant-database.ts';

const now = new Date('2026-11-21T10:00:00.000Z');
const operator: Principal = { name: 'unix:uid=1000', role: 'operator' };
const acme = Tenant.parse({
  id: '11111111-1111-4111-8111-111111111111',
  slug: 'acme',
  name: 'Acme',
  tags: {},
  createdAt: now,
});

/** A master database with the tenant acme in it, and what was written to it. */
function world() {
  const saved: { readonly database: TenantDatabaseAggregate; readonly along: Along }[] = [];
  const only = () => saved[0]?.database;
  const databases: TenantDatabaseWriteRepository = {
    findById: async (id) => (only()?.id === id ? (only() ?? null) : null),
    findByTenantId: async (tenantId) => {
      const database = only();
      return database?.tenantId === tenantId ? [database] : null;
    },
    save: async (database, along = {}) => {
      saved.push({ database, along });
      return TenantDatabaseAggregate.fromPrimitives(database.toPrimitives());
    },
    takeUpWork: async () => null,
    delete: async () => false,
  };
  let count = 0;
  const ids = {
    uuid: () => `22222222-2222-4222-8222-${String((count += 1)).padStart(12, '0')}`,
  };
  const tenants = {
    find: async (idOrSlug: string) =>
      idOrSlug === acme.slug || idOrSlug === acme.id ? acme : null,
  };
  const migrator = { migrationsOnDisk: async () => [] };
  return { saved, needs: { tenants, databases, migrator, clock: { now: () => now }, ids } };
}

test('a new record is PROVISIONING, claimed for the job that is queued with it', async () => {
  const { needs, saved } = world();
  const id = await createTenantDatabase(needs, { tenantId: 'acme' }, operator);

  const { database, along } = saved[0] ?? {};
  expect(database?.toPrimitives()).toMatchObject({
    id,
    tenantId: acme.id,
    databaseName: `tenant_${acme.id}`,
    readDatabaseName: `tenant_${acme.id}_read`,
    server: 'default',
    status: 'PROVISIONING',
    revision: 1,
    work: { kind: 'operation', operation: 'provision', attempt: 0 },
  });
  expect(along?.startJob).toEqual({
    jobId: database?.work?.id,
    operation: 'provision',
    tenantDatabaseId: id,
  });
  expect(along?.audit).toMatchObject({
    principal: operator,
    command: 'TenantDatabaseCreateCommand',
    subjectId: id,
    arguments: { tenantId: acme.id },
  });
});

test('a tenant is named by its UUID as well as by its slug, whatever the case', async () => {
  for (const tenantId of [acme.id, acme.id.toUpperCase(), 'acme', ' ACME ']) {
    const { needs, saved } = world();
    await createTenantDatabase(needs, { tenantId }, operator);
    expect(saved[0]?.database.tenantId).toBe(acme.id);
  }
});

test('a tenant that has a database does not get a second one', async () => {
  const { needs, saved } = world();
  await createTenantDatabase(needs, { tenantId: 'acme' }, operator);
  await expect(createTenantDatabase(needs, { tenantId: acme.id }, operator)).rejects.toMatchObject({
    code: 'TENANT_DATABASE_TENANT_ID_EXISTS',
    message: `Tenant "acme" already has a database: "tenant_${acme.id}", which is PROVISIONING`,
  });
  expect(saved).toHaveLength(1);
});

test('a tenant whose database is deleted must undelete or purge it first', async () => {
  const { needs, saved } = world();
  await createTenantDatabase(needs, { tenantId: 'acme' }, operator);
  saved[0]?.database.provisioned(null, now);
  saved[0]?.database.delete(now);
  await expect(createTenantDatabase(needs, { tenantId: 'acme' }, operator)).rejects.toMatchObject({
    code: 'TENANT_DATABASE_DELETED',
    help: 'Undelete or purge it first.',
  });
});

test.each([
  [{ tenantId: 'nobody' }, 'TENANT_NOT_FOUND', 'No tenant "nobody" exists'],
  [{ tenantId: 'a b' }, 'INVALID_INPUT', '"tenantId" is "a b", which is neither a UUID nor a slug'],
  [
    { tenantId: 'acme', databaseName: 'Robert"; DROP' },
    'INVALID_DATABASE_NAME',
    'The database name "Robert"; DROP" must match ^[a-z][a-z0-9_-]{0,57}$',
  ],
  [
    { tenantId: 'acme', databaseName: 'postgres' },
    'INVALID_DATABASE_NAME',
    'The database name "postgres" is reserved, as are postgres, template0, template1 and all that begin with pg_ or tenantctl_',
  ],
  [
    { tenantId: 'acme', server: 'EU 1' },
    'INVALID_INPUT',
    '"server" is "EU 1", which is no name of a server',
  ],
])('%j is refused with %s', async (command, code, message) => {
  const { needs, saved } = world();
  await expect(createTenantDatabase(needs, command, operator)).rejects.toMatchObject({
    code,
    message,
  });
  expect(saved).toEqual([]);
});

test('a viewer may not create a database', async () => {
  const { needs, saved } = world();
  const viewer: Principal = { name: 'token:1', role: 'viewer' };
  await expect(createTenantDatabase(needs, { tenantId: 'acme' }, viewer)).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  expect(saved).toEqual([]);
});
