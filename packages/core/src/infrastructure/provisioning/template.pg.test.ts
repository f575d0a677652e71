import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import {
  migrateMaster,
  migration,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import { failureOf } from '../../domain/failure.ts';
import { problemOf } from '../../domain/errors.ts';
import type { Migration } from '../migrations/migration-folder.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { ensureServerRoles } from './server-roles.ts';
import { ensureTemplate, templateName } from './template.ts';

const keys = SecretBox.generateKey('test').reveal();
const init = migration('20260101000000_init', 'CREATE TABLE product (id int PRIMARY KEY)');
const more = migration('20260201000000_more', 'ALTER TABLE product ADD name text');
const last = migration('20260301000000_last', 'CREATE INDEX ON product (name)');

let postgres: TestPostgres;
let world: ReturnType<typeof provisioningOn>;
let admin: Client;

beforeAll(async () => {
  postgres = await startTestPostgres({ log_statement: 'all' });
  await migrateMaster(postgres.masterUrl);
  world = provisioningOn(postgres.masterUrl, keys, () => [init]);
  admin = await world.access.admin('default', { applicationName: 'test' });
  await ensureServerRoles(world, 'default', admin);
});

afterAll(async () => {
  await admin?.end();
  await world?.master.close();
  await postgres?.stop();
});

const build = (migrations: readonly Migration[], client = admin) =>
  ensureTemplate({
    access: world.access,
    server: 'default',
    client,
    applicationName: 'test',
    migrations,
  });

async function templates(): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database WHERE datname ~ '^tenantctl_(template|building)_'`,
  );
  return rows.map(({ name }) => name).toSorted();
}

test('a name says which migrations a template holds, and fits', () => {
  const names = [[], [init], [init, more], [more, init]].map(templateName);
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(name).toMatch(/^tenantctl_template_[0-9a-f]{32}$/);
  const edited = migration(init.name, 'CREATE TABLE product (id bigint PRIMARY KEY)');
  expect(templateName([edited])).not.toBe(templateName([init]));
});

test('a template is built once, closed, and continues the longest history there is', async () => {
  const short = await build([init, more]);
  expect(short).toEqual({ name: templateName([init, more]), schemaVersion: more.name });
  const long = await build([init, more, last]);
  expect(long.schemaVersion).toBe(last.name);
  const { rows } = await admin.query(
    `SELECT datname AS name, datallowconn AS open, oid,
            has_database_privilege('public', oid, 'CONNECT') AS public
       FROM pg_database WHERE datname = ANY ($1)`,
    [[short.name, long.name]],
  );
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatchObject({ open: false, public: false });

  await build([init, more, last]);
  const again = await admin.query('SELECT oid FROM pg_database WHERE datname = $1', [long.name]);
  expect(again.rows[0]?.oid).toBe(rows.find(({ name }) => name === long.name)?.oid);

  const log = await readFile(`${postgres.directory}/postgres.log`, 'utf8');
  expect(log.split('ALTER TABLE product ADD name text')).toHaveLength(2);
});

test('two daemons build a template once', async () => {
  const own = migration('20260401000000_raced', 'SELECT pg_sleep(0.3)');
  const second = await world.access.admin('default', { applicationName: 'second' });
  try {
    const [a, b] = await Promise.all([build([init, own]), build([init, own], second)]);
    expect(a).toEqual(b);
  } finally {
    await second.end();
  }
  expect((await templates()).filter((name) => name === templateName([init, own]))).toHaveLength(1);
});

test('older templates go, all but the newest of them', async () => {
  const history = ['a', 'b', 'c', 'd'].map((name) =>
    migration(`20260501000000_${name}_${randomUUID()}`, 'SELECT 1'),
  );
  for (const own of history) await build([init, own]);
  const kept = history.slice(-2).map((own) => templateName([init, own]));
  expect(await templates()).toEqual(kept.toSorted());
});

test('a template that is dropped under the hands of a provisioner is built again', async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  await admin.query(`DROP DATABASE "${templateName([init])}"`);
  const next = await newRecord(world);
  expect(await world.provisioner.provision(next)).toEqual({ schemaVersion: init.name });
});

test('a migration that fails in the template fails with its own facts and leaves nothing', async () => {
  const bad = migration(
    '20260601000000_bad',
    'CREATE TABLE fine (id int);\nALTER TABLE no_such_table ADD x int;',
  );
  const before = await templates();
  const failing = provisioningOn(postgres.masterUrl, keys, () => [init, bad]);
  try {
    const target = await newRecord(failing);
    const error: unknown = await failing.provisioner.provision(target).catch((thrown) => thrown);
    expect(failureOf(problemOf(error))).toEqual({
      code: 'MIGRATION_FAILED',
      message: 'The migration "20260601000000_bad" failed: relation "no_such_table" does not exist',
      migration: bad.name,
      sqlstate: '42P01',
      statementNumber: 2,
      statement: 'ALTER TABLE no_such_table ADD x int',
    });
    expect(await templates()).toEqual(before);
    const { rows } = await admin.query('SELECT FROM pg_database WHERE datname = $1', [
      target.databaseName,
    ]);
    expect(rows).toEqual([]);
  } finally {
    await failing.master.close();
  }
});

test('a migration that is refused is a failure of provisioning that says why', async () => {
  const refused = migration('20260701000000_copy', 'COMMIT;');
  await expect(build([init, refused])).rejects.toMatchObject({
    code: 'PROVISIONING_FAILED',
    message: expect.stringContaining(refused.name),
    facts: { migration: refused.name },
  });
});
