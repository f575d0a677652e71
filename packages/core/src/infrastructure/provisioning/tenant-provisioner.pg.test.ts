import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import {
  migrateMaster,
  migration,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import { TenantDatabaseId } from '../../domain/tenant-database-primitives.ts';
import type { ProvisionTarget } from '../../ports/tenant-provisioner.ts';
import { OWNER_ROLE } from '../postgres/server-access.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { ownershipMark, stagingName, tenantRole } from './names.ts';
import { templateName } from './template.ts';

const keys = SecretBox.generateKey('test').reveal();
const head = [
  migration('20260101000000_init', 'CREATE TABLE product (id serial PRIMARY KEY, name text)'),
  migration(
    '20260201000000_orders',
    `CREATE SCHEMA sales;
     CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY, note text)`,
  ),
];

let postgres: TestPostgres;
let world: ReturnType<typeof provisioningOn>;

beforeAll(async () => {
  postgres = await startTestPostgres({ log_statement: 'all', log_connections: 'on' });
  await migrateMaster(postgres.masterUrl);
  world = provisioningOn(postgres.masterUrl, keys, () => head);
});

afterAll(async () => {
  await world?.master.close();
  await postgres?.stop();
});

/** A session that the test ends. */
async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

async function asTenant(target: ProvisionTarget, database = target.databaseName): Promise<Client> {
  const password = await world.credentials.rolePassword(target.id);
  return connect(
    postgres.url(database, { user: tenantRole(target.id), password: password.reveal() }),
  );
}

async function asSuperuser(database = 'postgres'): Promise<Client> {
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${database}`;
  return connect(url.href);
}

async function databases(): Promise<Record<string, { mark: string | null; open: boolean }>> {
  const client = await asSuperuser();
  const { rows } = await client.query<{ name: string; mark: string | null; open: boolean }>(
    `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark, datallowconn AS open FROM pg_database`,
  );
  return Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
}

test('a provisioned database has the schema of the template, the mark and its own login', async () => {
  const target = await newRecord(world);
  const { schemaVersion } = await world.provisioner.provision(target);
  expect(schemaVersion).toBe('20260201000000_orders');
  expect((await databases())[target.databaseName]).toEqual({
    mark: ownershipMark(target.id),
    open: true,
  });

  const tenant = await asTenant(target);
  await tenant.query(`INSERT INTO product (name) VALUES ('chair')`);
  await tenant.query(`INSERT INTO sales.orders (note) VALUES ('two chairs')`);
  await tenant.query('CREATE TEMP TABLE basket (id int)');
  const { rows } = await tenant.query('SELECT id, name FROM product');
  expect(rows).toEqual([{ id: 1, name: 'chair' }]);
  const owners = await tenant.query(
    `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'sales')`,
  );
  expect(owners.rows).toEqual([{ tableowner: OWNER_ROLE }]);
});

test("a tenant's login may read the ledger and change neither it nor the schema", async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const tenant = await asTenant(target);
  const { rows } = await tenant.query('SELECT migration_name FROM _prisma_migrations ORDER BY 1');
  expect(rows).toHaveLength(2);
  for (const sql of [
    'DELETE FROM _prisma_migrations',
    'INSERT INTO _prisma_migrations (id) VALUES (1)',
    `UPDATE _prisma_migrations SET logs = ''`,
    'TRUNCATE _prisma_migrations',
    'DROP TABLE product',
    'ALTER TABLE product ADD x int',
    'CREATE TABLE mine (id int)',
    'CREATE SCHEMA mine',
    `SET ROLE ${OWNER_ROLE}`,
    'SET ROLE tenantctl_app',
    'CREATE DATABASE mine',
    'CREATE ROLE mine',
    'ALTER TABLE _prisma_migrations OWNER TO CURRENT_USER',
  ])
    await expect(tenant.query(sql), sql).rejects.toMatchObject({ code: '42501' });
});

test("a tenant's login connects to its own database and to no other tenant's, not to the master", async () => {
  const [mine, other] = [await newRecord(world), await newRecord(world)];
  await world.provisioner.provision(mine);
  await world.provisioner.provision(other);
  for (const database of [other.databaseName, 'tenantctl_master'])
    await expect(asTenant(mine, database)).rejects.toMatchObject({ code: '42501' });
  await expect(asTenant(mine)).resolves.toBeDefined();
});

test('a database that carries no mark of ours, or of another record, is refused and left as it was', async () => {
  const superuser = await asSuperuser();
  const foreign = `foreign_${randomUUID()}`;
  await superuser.query(`CREATE DATABASE "${foreign}"`);
  const other = await newRecord(world);
  await world.provisioner.provision(other);
  await world.master.prisma.tenantDatabase.update({
    where: { id: other.id },
    data: { deletedAt: new Date() },
  });
  const before = await databases();

  for (const name of [foreign, other.databaseName]) {
    const target = await newRecord(world, name);
    for (const operation of ['provision', 'suspend', 'resume'] as const)
      await expect(world.provisioner[operation](target)).rejects.toMatchObject({
        code: 'DATABASE_NAME_TAKEN',
        subject: name,
      });
    const { rowCount } = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [
      tenantRole(target.id),
    ]);
    expect(rowCount).toBe(0);
  }
  expect(await databases()).toEqual(before);
});

test('a staging name that is not ours is refused and left as it was', async () => {
  const superuser = await asSuperuser();
  const arrange = [
    async (staging: string) =>
      superuser.query(
        `COMMENT ON DATABASE "${staging}" IS 'tenantctl:${TenantDatabaseId.parse(randomUUID())}'`,
      ),
    async (staging: string) => superuser.query(`ALTER DATABASE "${staging}" OWNER TO postgres`),
    async (staging: string) =>
      superuser.query(`ALTER DATABASE "${staging}" ALLOW_CONNECTIONS true`),
  ];
  for (const makeForeign of arrange) {
    const target = await newRecord(world);
    const staging = stagingName(target.id);
    await superuser.query(
      `CREATE DATABASE "${staging}" OWNER tenantctl_provisioner ALLOW_CONNECTIONS false`,
    );
    await makeForeign(staging);
    const before = (await databases())[staging];
    await expect(world.provisioner.provision(target)).rejects.toMatchObject({
      code: 'DATABASE_NAME_TAKEN',
      subject: staging,
    });
    expect((await databases())[staging]).toEqual(before);
    expect((await databases())[target.databaseName]).toBeUndefined();
  }
});

test('suspending ends every session and takes no new one; resuming opens again', async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const sessions = [await asTenant(target), await asTenant(target)];
  const owner = await world.access.owner('default', target.databaseName, { applicationName: 'x' });
  onTestFinished(() => owner.end().catch(() => {}));
  const running = sessions[0]?.query('SELECT pg_sleep(60)').catch((error: unknown) => error);

  await world.provisioner.suspend(target);
  expect(await running).toMatchObject({ code: '57P01' });
  const superuser = await asSuperuser();
  const { rows } = await superuser.query(`SELECT pid FROM pg_stat_activity WHERE datname = $1`, [
    target.databaseName,
  ]);
  expect(rows).toEqual([]);
  await expect(asTenant(target)).rejects.toMatchObject({ code: '55000' });
  await expect(
    world.access.owner('default', target.databaseName, { applicationName: 'x' }),
  ).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
  await world.provisioner.suspend(target);

  await world.provisioner.resume(target);
  await world.provisioner.resume(target);
  await expect(asTenant(target)).resolves.toBeDefined();
});

test('clients that storm the door while a database is suspended find it shut for good', async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const password = (await world.credentials.rolePassword(target.id)).reveal();
  const url = postgres.url(target.databaseName, { user: tenantRole(target.id), password });
  let storming = true;
  const storm = Array.from({ length: 6 }, async () => {
    while (storming) {
      const client = new Client({ connectionString: url });
      client.on('error', () => {});
      await client.connect().catch(() => client.end().catch(() => {}));
    }
  });
  await eventually(async () => {
    const { rows } = await (
      await asSuperuser()
    ).query('SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = $1', [
      target.databaseName,
    ]);
    expect(rows[0].sessions).toBeGreaterThan(3);
  });
  await world.provisioner.suspend(target);
  const superuser = await asSuperuser();
  const seen = new Set<unknown>();
  for (let look = 0; look < 50; look += 1) {
    const { rows } = await superuser.query(
      `SELECT pid, state FROM pg_stat_activity WHERE datname = $1 AND state IS NOT NULL`,
      [target.databaseName],
    );
    for (const row of rows) seen.add(row);
  }
  storming = false;
  await Promise.all(storm);
  expect([...seen]).toEqual([]);
});

test('a session that may not be ended is named, and the door stays shut', async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const superuser = await asSuperuser(target.databaseName);
  await expect(world.provisioner.suspend(target)).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    message: expect.stringContaining('"postgres"'),
  });
  await expect(asTenant(target)).rejects.toMatchObject({ code: '55000' });
  await superuser.end();
  await world.provisioner.suspend(target);
}, 40_000);

test('suspending what does not exist says so', async () => {
  const target = await newRecord(world);
  await expect(world.provisioner.suspend(target)).rejects.toMatchObject({
    code: 'DATABASE_MISSING',
  });
});

test('two daemons that provision the same record at once leave one finished database', async () => {
  const target = await newRecord(world);
  const second = provisioningOn(postgres.masterUrl, keys, () => head);
  onTestFinished(() => second.master.close());
  // The second has taken the work over: it ends the first's session, which may fail, and finishes.
  const [, took] = await Promise.allSettled([
    world.provisioner.provision(target),
    second.provisioner.provision({ ...target }),
  ]);
  if (took.status === 'rejected') await second.provisioner.provision(target);
  const found = await databases();
  expect(found[target.databaseName]).toEqual({ mark: ownershipMark(target.id), open: true });
  expect(found[stagingName(target.id)]).toBeUndefined();
  await expect(asTenant(target)).resolves.toBeDefined();
});

test('twenty databases at once need no lock but their own', async () => {
  await world.provisioner.provision(await newRecord(world));
  const targets = await Promise.all(Array.from({ length: 20 }, () => newRecord(world)));
  const started = performance.now();
  await Promise.all(targets.slice(0, 10).map((target) => world.provisioner.provision(target)));
  const together = performance.now() - started;
  for (const target of targets.slice(10)) await world.provisioner.provision(target);
  const oneByOne = performance.now() - started - together;
  const found = await databases();
  for (const { databaseName } of targets) expect(found[databaseName]?.open).toBe(true);

  const admin = await connect(postgres.masterUrl);
  const bareStarted = performance.now();
  for (const { id } of targets.slice(10))
    await admin.query(`CREATE DATABASE "bare_${id}" TEMPLATE "${templateName(head)}"`);
  const bare = performance.now() - bareStarted;
  // oxlint-disable-next-line no-console -- a measurement to read, not a promise to hold
  console.info(
    `provisioning, per database: ${ms(oneByOne / 10)} one by one, ${ms(together / 10)} ten at once; ` +
      `a bare CREATE DATABASE from the template: ${ms(bare / 10)}`,
  );
});

const ms = (duration: number): string => `${duration.toFixed(1)} ms`;

test("no password is in the server's log, in an error or in the master's tables", async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const tenantPassword = (await world.credentials.rolePassword(target.id)).reveal();
  const record = await world.directory.find('default');
  const ownerPassword = record?.ownerPassword?.reveal() ?? '';
  expect([tenantPassword.length, ownerPassword.length]).toEqual([43, 43]);

  const failing = [
    world.provisioner.provision({ ...target, databaseName: 'postgres' }),
    world.access.owner('default', 'no_such_database', { applicationName: 'x' }),
    asTenant(target, 'tenantctl_master'),
  ];
  const errors = (await Promise.allSettled(failing)).map((result) => {
    expect(result.status).toBe('rejected');
    return inspect(result, { depth: null, showHidden: true });
  });
  const rows = [
    await world.master.prisma.tenantDatabase.findMany(),
    await world.master.prisma.databaseServer.findMany(),
  ];
  const log = await readFile(`${postgres.directory}/postgres.log`, 'utf8');
  expect(log).toContain(`CREATE ROLE "${tenantRole(target.id)}" LOGIN PASSWORD 'SCRAM-SHA-256$`);
  for (const text of [log, ...errors, JSON.stringify(rows)])
    for (const password of [tenantPassword, ownerPassword]) expect(text).not.toContain(password);
});

test('every session carries its timeouts as startup options, which RESET ALL comes back to', async () => {
  const target = await newRecord(world);
  await world.provisioner.provision(target);
  const owner = await world.access.owner('default', target.databaseName, {
    applicationName: `tenantctl:${target.workId}`,
    lockTimeoutMs: 1234,
    statementTimeoutMs: 5678,
  });
  onTestFinished(() => owner.end());
  await owner.query(
    'SET lock_timeout = 0; SET statement_timeout = 0; SET application_name = x; RESET ALL',
  );
  const { rows } = await owner.query(
    `SELECT name, setting FROM pg_settings WHERE name IN
       ('lock_timeout', 'statement_timeout', 'client_connection_check_interval', 'application_name')`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    application_name: `tenantctl:${target.workId}`,
    client_connection_check_interval: '1000',
    lock_timeout: '1234',
    statement_timeout: '5678',
  });
});
