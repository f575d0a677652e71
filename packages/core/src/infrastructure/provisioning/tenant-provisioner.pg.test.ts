import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { migration, startTenantServer } from '../../../../../test/support/tenant-server.ts';
import { OWNER_ROLE } from '../postgres/server-access.ts';
import { ownershipMark, stagingName, tenantRole } from './names.ts';
import { templateName } from './template.ts';

const head = [
  migration('20260101000000_init', 'CREATE TABLE product (id serial PRIMARY KEY, name text)'),
  migration(
    '20260201000000_orders',
    `CREATE SCHEMA sales;
     CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY, note text)`,
  ),
];

let server: Awaited<ReturnType<typeof startTenantServer>>;

beforeAll(async () => {
  server = await startTenantServer(head, { log_statement: 'all', log_connections: 'on' });
});

afterAll(() => server?.stop());

async function databases(): Promise<Record<string, { mark: string | null; open: boolean }>> {
  const client = await server.asSuperuser();
  const { rows } = await client.query<{ name: string; mark: string | null; open: boolean }>(
    `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark, datallowconn AS open FROM pg_database`,
  );
  return Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]));
}

test('a provisioned database has the schema of the template, the mark and its own login', async () => {
  const target = await server.newTarget();
  const { schemaVersion } = await server.provisioner.provision(target);
  expect(schemaVersion).toBe('20260201000000_orders');
  expect((await databases())[target.databaseName]).toEqual({
    mark: ownershipMark(target.id),
    open: true,
  });

  const tenant = await server.asTenant(target);
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
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const tenant = await server.asTenant(target);
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
  const [mine, other] = [await server.newTarget(), await server.newTarget()];
  await server.provisioner.provision(mine);
  await server.provisioner.provision(other);
  for (const database of [other.databaseName, 'tenantctl_master'])
    await expect(server.asTenant(mine, database)).rejects.toMatchObject({ code: '42501' });
  await expect(server.asTenant(mine)).resolves.toBeDefined();
});

test('a database that carries no mark of ours, or of another record, is refused and left as it was', async () => {
  const superuser = await server.asSuperuser();
  const foreign = `foreign_${randomUUID()}`;
  await superuser.query(`CREATE DATABASE "${foreign}"`);
  const other = await server.newTarget();
  await server.provisioner.provision(other);
  await server.master.prisma.tenantDatabase.update({
    where: { id: other.id },
    data: { deletedAt: new Date() },
  });
  const before = await databases();

  for (const name of [foreign, other.databaseName]) {
    const target = await server.newTarget(name);
    for (const operation of ['provision', 'suspend', 'resume'] as const)
      await expect(server.provisioner[operation](target)).rejects.toMatchObject({
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
  const superuser = await server.asSuperuser();
  const arrange = [
    async (staging: string) =>
      superuser.query(`COMMENT ON DATABASE "${staging}" IS 'tenantctl:${randomUUID()}'`),
    async (staging: string) => superuser.query(`ALTER DATABASE "${staging}" OWNER TO postgres`),
    async (staging: string) =>
      superuser.query(`ALTER DATABASE "${staging}" ALLOW_CONNECTIONS true`),
  ];
  for (const makeForeign of arrange) {
    const target = await server.newTarget();
    const staging = stagingName(target.id);
    await superuser.query(
      `CREATE DATABASE "${staging}" OWNER tenantctl_provisioner ALLOW_CONNECTIONS false`,
    );
    await makeForeign(staging);
    const before = (await databases())[staging];
    await expect(server.provisioner.provision(target)).rejects.toMatchObject({
      code: 'DATABASE_NAME_TAKEN',
      subject: staging,
    });
    expect((await databases())[staging]).toEqual(before);
    expect((await databases())[target.databaseName]).toBeUndefined();
  }
});

test('two daemons that provision the same record at once leave one finished database', async () => {
  const target = await server.newTarget();
  const second = server.newDaemon();
  onTestFinished(() => second.master.close());
  // The second has taken the work over: it ends the first's session, which may fail, and finishes.
  const [, took] = await Promise.allSettled([
    server.provisioner.provision(target),
    second.provisioner.provision({ ...target }),
  ]);
  if (took.status === 'rejected') await second.provisioner.provision(target);
  const found = await databases();
  expect(found[target.databaseName]).toEqual({ mark: ownershipMark(target.id), open: true });
  expect(found[stagingName(target.id)]).toBeUndefined();
  await expect(server.asTenant(target)).resolves.toBeDefined();
});

test('databases are provisioned at once, and little slower than they are copied', async () => {
  await server.provisioner.provision(await server.newTarget());
  const admin = await server.connect(server.postgres.masterUrl);
  const targets = await Promise.all(Array.from({ length: 20 }, () => server.newTarget()));
  const together = await timed(() =>
    Promise.all(targets.slice(0, 10).map((target) => server.provisioner.provision(target))),
  );
  let [ours, bare] = [0, 0];
  for (const target of targets.slice(10)) {
    ours += await timed(() => server.provisioner.provision(target));
    const copy = `CREATE DATABASE "bare_${target.id}" TEMPLATE "${templateName(head)}"`;
    bare += await timed(() => admin.query(copy));
  }
  const found = await databases();
  for (const { databaseName } of targets) expect(found[databaseName]?.open).toBe(true);
  const [one, atOnce, copied] = [ours, together, bare].map((all) => `${(all / 10).toFixed(1)} ms`);
  // oxlint-disable-next-line no-console -- a measurement to read; a promise on a busy machine would be none
  console.info(`a database: ${one} one by one, ${atOnce} ten at once; a bare copy: ${copied}`);
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

test("no password is in the server's log, in an error or in the master's tables", async () => {
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const tenantPassword = (await server.credentials.rolePassword(target.id)).reveal();
  const record = await server.directory.find('default');
  const ownerPassword = record?.ownerPassword?.reveal() ?? '';
  expect([tenantPassword.length, ownerPassword.length]).toEqual([43, 43]);

  const failing = [
    server.provisioner.provision({ ...target, databaseName: 'postgres' }),
    server.access.owner('default', 'no_such_database', { applicationName: 'x' }),
    server.asTenant(target, 'tenantctl_master'),
  ];
  const errors = (await Promise.allSettled(failing)).map((result) => {
    expect(result.status).toBe('rejected');
    return inspect(result, { depth: null, showHidden: true });
  });
  const rows = [
    await server.master.prisma.tenantDatabase.findMany(),
    await server.master.prisma.databaseServer.findMany(),
  ];
  const log = await readFile(`${server.postgres.directory}/postgres.log`, 'utf8');
  expect(log).toContain(`CREATE ROLE "${tenantRole(target.id)}" LOGIN PASSWORD 'SCRAM-SHA-256$`);
  for (const text of [log, ...errors, JSON.stringify(rows)])
    for (const password of [tenantPassword, ownerPassword]) expect(text).not.toContain(password);
});

test('every session carries its timeouts as startup options, which RESET ALL comes back to', async () => {
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const owner = await server.access.owner('default', target.databaseName, {
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
