import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { FolderMigrator } from './folder-migrator.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const hooks = { onPending: async () => {} };
const workId = '0d5d9bd4-4d1c-4f5c-b1c3-6f9f4b1f3c11';

async function connect(database: string, applicationName: string): Promise<Client> {
  const client = new Client({
    connectionString: postgres.url(database),
    application_name: applicationName,
  });
  await client.connect();
  return client;
}

async function world(files: Readonly<Record<string, string>>) {
  const databaseName = await postgres.createDatabase();
  const migrationsDirectory = await mkdtemp(join(tmpdir(), 'tenantctl-migrations-'));
  const write = async (name: string, sql: string) => {
    await mkdir(join(migrationsDirectory, name), { recursive: true });
    await writeFile(join(migrationsDirectory, name, 'migration.sql'), sql);
  };
  for (const [name, sql] of Object.entries(files)) await write(name, sql);
  const migrator = new FolderMigrator({
    migrationsDirectory,
    openSession: ({ database, applicationName }) => connect(database, applicationName),
    openAdminSession: ({ applicationName }) => connect(databaseName, applicationName),
    lockWaitMs: 200,
  });
  return {
    migrationsDirectory,
    write,
    migrator,
    target: { server: 'local', databaseName, workId },
    [Symbol.asyncDispose]: () => rm(migrationsDirectory, { recursive: true, force: true }),
  };
}

it('applies the folder, and says so when nothing is left to do', async () => {
  await using w = await world({ '1_a': 'CREATE TABLE a ()', '2_b': 'CREATE TABLE b ()' });
  expect(await w.migrator.migrate(w.target, hooks)).toEqual({
    kind: 'migrated',
    version: '2_b',
    applied: ['1_a', '2_b'],
  });
  expect(await w.migrator.migrate(w.target, hooks)).toEqual({ kind: 'unchanged', version: '2_b' });
});

it('applies what was frozen and nothing that came later', async () => {
  await using w = await world({ '1_a': 'CREATE TABLE a ()' });
  const frozen = await w.migrator.migrationsOnDisk();
  await w.write('2_b', 'CREATE TABLE b ()');
  const target = { ...w.target, frozen };
  expect(await w.migrator.migrate(target, hooks)).toMatchObject({ applied: ['1_a'] });
  expect(await w.migrator.migrate(target, hooks)).toMatchObject({ kind: 'unchanged' });
  expect(await w.migrator.migrate(w.target, hooks)).toMatchObject({ applied: ['2_b'] });
  expect(await w.migrator.migrate(target, hooks)).toEqual({ kind: 'unchanged', version: '2_b' });
});

it('refuses a folder that is no longer the frozen one, by name', async () => {
  await using w = await world({ '1_a': 'SELECT 1', '2_b': 'SELECT 2' });
  const target = { ...w.target, frozen: await w.migrator.migrationsOnDisk() };
  await w.write('2_b', 'SELECT 3');
  expect(await w.migrator.migrate(target, hooks)).toMatchObject({
    kind: 'failed',
    failure: { code: 'MIGRATION_EDITED', migration: '2_b' },
  });
  await rm(join(w.migrationsDirectory, '2_b'), { recursive: true });
  expect(await w.migrator.migrate(target, hooks)).toMatchObject({
    kind: 'failed',
    failure: { code: 'MIGRATION_MISSING', migration: '2_b' },
  });
});

it('ends every session of a piece of work, and nobody else', async () => {
  await using w = await world({ '1_a': 'SELECT pg_sleep(60)' });
  const other = await connect(w.target.databaseName, 'tenantctl:another');
  const migrating = w.migrator.migrate(w.target, hooks);
  const sleeping = `SELECT FROM pg_stat_activity WHERE application_name = $1`;
  const name = `tenantctl:${workId}`;
  await eventually(async () => {
    const { rowCount } = await other.query(`${sleeping} AND wait_event = 'PgSleep'`, [name]);
    expect(rowCount).toBe(1);
  });
  await w.migrator.endSessions('local', workId);
  expect((await other.query(sleeping, [name])).rowCount).toBe(0);
  expect(await migrating).toMatchObject({ kind: 'transient' });
  expect((await other.query(`SELECT FROM pg_tables WHERE tablename = 'a'`)).rowCount).toBe(0);
  await other.end();
});

it('frees the lock of a session whose process does not answer any more', async () => {
  await using w = await world({ '1_a': 'CREATE TABLE a ()' });
  const dead = await connect(w.target.databaseName, `tenantctl:${workId}`);
  dead.on('error', () => {});
  await dead.query('SELECT pg_advisory_lock(72707369)');
  expect(await w.migrator.migrate({ ...w.target, workId: 'new' }, hooks)).toMatchObject({
    kind: 'transient',
    failure: { code: 'MIGRATION_LOCKED' },
  });
  await w.migrator.endSessions('local', workId);
  expect(await w.migrator.migrate({ ...w.target, workId: 'new' }, hooks)).toMatchObject({
    kind: 'migrated',
  });
});

it('a folder that is not there is told when it is asked for, and fails a migration', async () => {
  await using w = await world({});
  await rm(w.migrationsDirectory, { recursive: true });
  await expect(w.migrator.migrationsOnDisk()).rejects.toThrow(
    expect.objectContaining({ code: 'MIGRATIONS_DIR_MISSING' }),
  );
  expect(await w.migrator.migrate(w.target, hooks)).toMatchObject({
    kind: 'failed',
    failure: { code: 'MIGRATIONS_DIR_MISSING' },
  });
});
