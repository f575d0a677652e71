import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditOf, openTestMaster, type TestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { Tenant } from '../../domain/tenant.ts';
import type { TenantSearch } from '../../ports/tenant-repository.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const tenantWith = (more: object) =>
  Tenant.parse({
    id: randomUUID(),
    slug: 'acme',
    name: 'Acme Corporation',
    tags: { plan: 'pro' },
    createdAt: new Date(),
    ...more,
  });

async function slugs({ tenants }: TestMaster, search: Partial<TenantSearch>) {
  const { items, total } = await tenants.search({ page: 1, limit: 100, ...search });
  expect(total).toBe(items.length);
  return items.map(({ slug }) => slug);
}

test('a tenant is found by its id and by its slug', async () => {
  await using master = await openTestMaster(postgres);
  const tenant = tenantWith({});
  await master.tenants.create(tenant, auditOf('tenantCreate'));
  expect(await master.tenants.find('acme')).toEqual(tenant);
  expect(await master.tenants.find(tenant.id)).toEqual(tenant);
  expect(await master.tenants.find(tenant.id.toUpperCase())).toEqual(tenant);
  expect(await master.tenants.find('nobody')).toBeNull();
  expect(await master.tenants.find(randomUUID())).toBeNull();
});

test('creating one writes its event and the audit entry', async () => {
  await using master = await openTestMaster(postgres);
  const tenant = tenantWith({});
  const audit = auditOf('tenantCreate', { subjectId: tenant.id, arguments: { slug: 'acme' } });
  await master.tenants.create(tenant, audit);
  expect((await master.events()).map(({ event }) => event)).toEqual([
    { type: 'TenantCreatedEvent', at: tenant.createdAt, tenant },
  ]);
  expect(await master.prisma.auditEntry.findFirst()).toMatchObject({
    command: 'tenantCreate',
    subjectId: tenant.id,
    arguments: { slug: 'acme' },
  });
});

test.each([
  ['slug', { id: randomUUID() }],
  ['id', { slug: 'other' }],
])('a taken %s is refused and leaves nothing', async (_what, different) => {
  await using master = await openTestMaster(postgres);
  const tenant = tenantWith({});
  await master.tenants.create(tenant, auditOf('tenantCreate'));
  const twin = { ...tenant, ...different };
  await expect(
    master.tenants.create(Tenant.parse(twin), auditOf('tenantCreate')),
  ).rejects.toMatchObject({ code: 'TENANT_EXISTS' });
  expect(await master.eventTypes()).toEqual(['TenantCreatedEvent']);
  expect(await master.prisma.auditEntry.count()).toBe(1);
});

test('a search finds parts of slug and name, whatever their case and letters', async () => {
  await using master = await openTestMaster(postgres);
  for (const [slug, name] of [
    ['alpha', 'First'],
    ['beta', '100% Beta'],
    ['gamma', 'under_scored'],
  ]) {
    await master.tenants.create(tenantWith({ slug, name }), auditOf('tenantCreate'));
  }
  expect(await slugs(master, {})).toEqual(['alpha', 'beta', 'gamma']);
  expect(await slugs(master, { search: 'AMM' })).toEqual(['gamma']);
  expect(await slugs(master, { search: 'first' })).toEqual(['alpha']);
  expect(await slugs(master, { search: '%' })).toEqual(['beta']);
  expect(await slugs(master, { search: '_' })).toEqual(['gamma']);
  expect(await slugs(master, { search: '\\' })).toEqual([]);
});

test('a search finds a tenant by its id', async () => {
  await using master = await openTestMaster(postgres);
  const alpha = tenantWith({ slug: 'alpha' });
  await master.tenants.create(alpha, auditOf('tenantCreate'));
  await master.tenants.create(tenantWith({ slug: 'beta' }), auditOf('tenantCreate'));
  expect(await slugs(master, { search: alpha.id.toUpperCase() })).toEqual(['alpha']);
  expect(await slugs(master, { search: alpha.id.slice(1) })).toEqual([]);
});

test('a search for tenants without a database leaves out those that have one', async () => {
  await using master = await openTestMaster(postgres);
  const active = await master.activeRecord('with');
  const deleted = await master.activeRecord('deleted');
  deleted.delete(new Date());
  await master.repository.save(deleted);
  await master.newTenant('without');
  expect(await slugs(master, { withoutDatabase: true })).toEqual(['deleted', 'without']);
  const { items } = await master.tenants.search({ page: 1, limit: 10 });
  expect(items.map(({ slug, databaseId }) => [slug, databaseId])).toEqual([
    ['deleted', null],
    ['with', active.id],
    ['without', null],
  ]);
});

test('pages follow each other by slug', async () => {
  await using master = await openTestMaster(postgres);
  for (const slug of ['d', 'a', 'c', 'b', 'e']) await master.newTenant(slug);
  const pages = await Promise.all(
    [1, 2, 3, 4].map((page) => master.tenants.search({ page, limit: 2 })),
  );
  expect(pages.map(({ items }) => items.map(({ slug }) => slug))).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e'],
    [],
  ]);
  expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
});

test('a deleted tenant is not there', async () => {
  await using master = await openTestMaster(postgres);
  const { id } = await master.newTenant('gone');
  await master.prisma.tenant.update({ where: { id }, data: { deletedAt: new Date() } });
  expect(await master.tenants.find('gone')).toBeNull();
  expect(await slugs(master, {})).toEqual([]);
});
