import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DEMO_START_VERSION,
  REQUIRED_PLACED_AT_VERSION,
  UNIQUE_EMAIL_VERSION,
} from '../prisma/tenant/seed/demo-versions.ts';
import { repair } from '../prisma/tenant/seed/repair-tenant.ts';
import { seedTenant } from '../prisma/tenant/seed/seed-tenant.ts';
import type { TenantHealth } from '../prisma/tenant/seed/shop.ts';
import { catalogFingerprint } from './support/catalog-fingerprint.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';
import { sqlOfSchema } from './support/prisma-schema-sql.ts';

const application = fileURLToPath(new URL('../prisma/tenant', import.meta.url));
const migrations = readdirSync(path.join(application, 'migrations'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();
const cut = migrations.indexOf(DEMO_START_VERSION) + 1;
const [older, newer] = [migrations.slice(0, cut), migrations.slice(cut)];

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function connected(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

const newDatabase = async () => connected(postgres.url(await postgres.createDatabase()));
const urlOf = (client: pg.Client) => postgres.url(client.database ?? '');

/** Applies file by file; answers what failed, and how. */
async function apply(client: pg.Client, names: readonly string[]) {
  for (const name of names) {
    const file = path.join(application, 'migrations', name, 'migration.sql');
    try {
      await client.query(readFileSync(file, 'utf8'));
    } catch (error) {
      return { failed: name, sqlstate: error instanceof pg.DatabaseError ? error.code : error };
    }
  }
  return 'applied';
}

async function seededAtStart(health: TenantHealth, tenantNumber = 7) {
  const client = await newDatabase();
  expect(await apply(client, older)).toBe('applied');
  await seedTenant(client, { tenantNumber, health });
  return client;
}

const rowsOf = async (client: pg.Client, sql: string) =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;

test('the demo starts in the middle of at least nine migrations', () => {
  expect(older.length).toBeGreaterThanOrEqual(5);
  expect(newer.length).toBeGreaterThanOrEqual(4);
  expect(newer).toEqual(expect.arrayContaining([UNIQUE_EMAIL_VERSION, REQUIRED_PLACED_AT_VERSION]));
});

test('the migrations arrive at what Prisma makes of schema.prisma', async () => {
  await using migrated = await newDatabase();
  expect(await apply(migrated, migrations)).toBe('applied');
  await using modelled = await newDatabase();
  const schema = readFileSync(path.join(application, 'schema.prisma'), 'utf8');
  await modelled.query(await sqlOfSchema(schema, urlOf(modelled)));
  // Prisma knows no functions and triggers, and orders columns as the model does.
  const comparable = (lines: readonly string[]) =>
    lines
      .filter((line) => !/^(?:function|trigger) /.test(line))
      .map((line) => line.replace(/^(column \S+) \d+/, '$1'))
      .toSorted();
  expect(comparable(await catalogFingerprint(urlOf(migrated)))).toEqual(
    comparable(await catalogFingerprint(urlOf(modelled))),
  );
});

test('a healthy tenant goes from the demo’s start to the end', async () => {
  await using tenant = await seededAtStart('healthy');
  const orders = await rowsOf(tenant, 'SELECT id, total_cents::text FROM orders ORDER BY id');
  expect(orders).toHaveLength(24);
  expect(await apply(tenant, newer)).toBe('applied');
  expect(await rowsOf(tenant, 'SELECT id, total_cents FROM orders ORDER BY id')).toEqual(orders);
  await using fresh = await newDatabase();
  await apply(fresh, migrations);
  expect(await catalogFingerprint(urlOf(tenant))).toEqual(await catalogFingerprint(urlOf(fresh)));
});

test.each([
  ['null-violation', REQUIRED_PLACED_AT_VERSION, '23502'],
  ['duplicate', UNIQUE_EMAIL_VERSION, '23505'],
] as const)(
  'a tenant with %s fails in %s with %s until it is repaired',
  async (health, failed, sqlstate) => {
    await using tenant = await seededAtStart(health);
    expect(await apply(tenant, newer)).toEqual({ failed, sqlstate });
    const rest = newer.slice(newer.indexOf(failed));
    expect(await apply(tenant, rest)).toEqual({ failed, sqlstate });
    await repair(tenant, health);
    expect(await apply(tenant, rest)).toBe('applied');
    expect(await rowsOf(tenant, 'SELECT count(*)::int FROM orders')).toEqual([[24]]);
  },
);

test('the merged customers keep all their orders', async () => {
  await using tenant = await seededAtStart('duplicate');
  const sql = `SELECT email, count(*)::int FROM orders JOIN customers c ON c.id = customer_id
               GROUP BY email ORDER BY email`;
  const before = await rowsOf(tenant, sql);
  await repair(tenant, 'duplicate');
  expect(await rowsOf(tenant, sql)).toEqual(before);
  expect(await rowsOf(tenant, 'SELECT count(*)::int FROM customers')).toEqual([[before.length]]);
});

test('a reader that forgot its transaction blocks the migration that needs the table alone', async () => {
  await using tenant = await seededAtStart('healthy');
  await using reader = await connected(urlOf(tenant));
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM orders');
  await tenant.query(`SET lock_timeout = '100ms'`);
  expect(await apply(tenant, newer)).toEqual({ failed: newer[0], sqlstate: '55P03' });
  await reader.query('COMMIT');
  expect(await apply(tenant, newer)).toBe('applied');
});

test('a tenant’s rows are the same each time and differ from another tenant’s', async () => {
  const dump = async (client: pg.Client) => {
    const rows: unknown[] = [];
    for (const table of [
      'categories',
      'products',
      'customers',
      'orders',
      'order_lines',
      'payments',
    ]) {
      rows.push(await rowsOf(client, `SELECT to_jsonb(t) FROM ${table} t ORDER BY id`));
    }
    return rows;
  };
  await using first = await seededAtStart('healthy', 1);
  const rows = await dump(first);
  await seedTenant(first, { tenantNumber: 1, health: 'healthy' });
  expect(await dump(first)).toEqual(rows);
  await using again = await seededAtStart('healthy', 1);
  expect(await dump(again)).toEqual(rows);
  await using other = await seededAtStart('healthy', 2);
  expect(await dump(other)).not.toEqual(rows);
});

test('the trigger keeps the time of an order’s last change', async () => {
  await using tenant = await seededAtStart('healthy');
  await apply(tenant, newer);
  const [changed] = await rowsOf(
    tenant,
    `UPDATE orders SET status = 'CANCELLED' WHERE status = 'PENDING' RETURNING updated_at > now() - interval '1 s'`,
  );
  expect(changed).toEqual([true]);
});
