import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { migration, startTenantServer } from '../../../../../test/support/tenant-server.ts';
import { OWNER_ROLE } from '../postgres/server-access.ts';
import { FolderMigrator } from './folder-migrator.ts';

// As in production: the owner's login without memberships runs the files, the provisioner ends its sessions.

const init = 'CREATE TABLE product (id int)';
let server: Awaited<ReturnType<typeof startTenantServer>>;
beforeAll(async () => {
  server = await startTenantServer([migration('1_init', init)]);
});
afterAll(() => server?.stop());

async function provisioned(next: string) {
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const migrationsDirectory = await mkdtemp(join(tmpdir(), 'tenantctl-migrations-'));
  for (const [name, sql] of Object.entries({ '1_init': init, '2_next': next })) {
    await mkdir(join(migrationsDirectory, name));
    await writeFile(join(migrationsDirectory, name, 'migration.sql'), sql);
  }
  const migrator = new FolderMigrator({
    migrationsDirectory,
    openSession: ({ database, applicationName }) =>
      server.access.owner('default', database, { applicationName }),
    openAdminSession: ({ applicationName }) => server.access.admin('default', { applicationName }),
  });
  return {
    migrator,
    target: { server: 'default', databaseName: target.databaseName, workId: target.workId },
    [Symbol.asyncDispose]: () => rm(migrationsDirectory, { recursive: true }),
  };
}

const hooks = { onPending: async () => {} };

it('what a migration makes belongs to the owner', async () => {
  await using w = await provisioned('CREATE TABLE orders (id int)');
  expect(await w.migrator.migrate(w.target, hooks)).toMatchObject({ applied: ['2_next'] });
  const superuser = await server.asSuperuser(w.target.databaseName);
  const { rows } = await superuser.query(
    `SELECT tableowner FROM pg_tables WHERE tablename IN ('orders', '_prisma_migrations')`,
  );
  expect(rows).toEqual([{ tableowner: OWNER_ROLE }, { tableowner: OWNER_ROLE }]);
});

it('a file that reaches for another role fails, and nothing of it is left', async () => {
  await using w = await provisioned('CREATE TABLE orders (id int); SET ROLE tenantctl_app');
  expect(await w.migrator.migrate(w.target, hooks)).toMatchObject({
    kind: 'failed',
    failure: { sqlstate: '42501', statementNumber: 2 },
  });
  const superuser = await server.asSuperuser(w.target.databaseName);
  expect((await superuser.query(`SELECT to_regclass('orders') AS it`)).rows).toEqual([
    { it: null },
  ]);
});

it('the provisioner ends the sessions of a piece of work', async () => {
  await using w = await provisioned('SELECT pg_sleep(60)');
  const migrating = w.migrator.migrate(w.target, hooks);
  const superuser = await server.asSuperuser();
  const sessions = async (condition: string) => {
    const name = `tenantctl:${w.target.workId}`;
    const sql = `SELECT FROM pg_stat_activity WHERE application_name = $1 AND ${condition}`;
    return (await superuser.query(sql, [name])).rowCount;
  };
  await eventually(async () => expect(await sessions(`wait_event = 'PgSleep'`)).toBe(1));
  await w.migrator.endSessions('default', w.target.workId);
  expect(await sessions('true')).toBe(0);
  expect(await migrating).toMatchObject({ kind: 'transient' });
});

it('a database that is shut is a failure that says so', async () => {
  await using w = await provisioned('');
  const superuser = await server.asSuperuser();
  await superuser.query(`ALTER DATABASE "${w.target.databaseName}" ALLOW_CONNECTIONS false`);
  expect(await w.migrator.migrate(w.target, hooks)).toMatchObject({
    kind: 'failed',
    failure: { code: 'DATABASE_CLOSED' },
  });
});
