import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as dial, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { migrateDatabase } from '@tenantctl/core/infrastructure/migrations/migrate-database';
import { migrationOf } from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';
import { PrismaSchemaEngine } from './support/prisma-schema-engine.ts';

const migrateOnce = path.resolve(import.meta.dirname, 'support/migrate-once.ts');

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function query(database: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: postgres.url(database) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function directoryOf(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(path.join(tmpdir(), 'tenantctl-migrations-'));
  for (const [name, sql] of Object.entries(files)) {
    await mkdir(path.join(directory, name));
    await writeFile(path.join(directory, name, 'migration.sql'), sql);
  }
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

/** Runs in a process of its own: its outcome, or the signal that ended it. */
async function migrate(database: string, directory: string, crashAt = ''): Promise<unknown> {
  const argv = ['--conditions=source', migrateOnce, postgres.url(database), directory];
  const env = { ...process.env, TENANTD_CRASH_AT: crashAt };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
    return JSON.parse(stdout);
  } catch (error) {
    if (error instanceof Error && 'signal' in error && error.signal) return error.signal;
    throw error;
  }
}

const atomic = {
  '1_a': 'CREATE TABLE a (a int); INSERT INTO a VALUES (1)',
  '2_b': 'INSERT INTO a VALUES (2)',
};
const split = {
  '1_a': 'CREATE TABLE a (a int); INSERT INTO a VALUES (1)',
  '2_b': 'INSERT INTO a VALUES (2); CREATE INDEX CONCURRENTLY i ON a (a); VACUUM a',
};

describe('a process that is killed at a crash point loses nothing and repeats nothing', () => {
  it.each([
    ['mig.locked', atomic],
    ['mig.mid_file', atomic],
    ['mig.mid_file@2', atomic],
    ['mig.committed_before_done', atomic],
    ['mig.committed_before_done@2', atomic],
    ['mig.started_row', split],
    ['mig.committed_before_done@2', split],
  ])('%s', async (crashAt, files) => {
    await using folder = await directoryOf(files);
    const database = await postgres.createDatabase();
    expect(await migrate(database, folder.directory, crashAt)).toBe('SIGKILL');
    const outcome = await migrate(database, folder.directory);
    const allDone = crashAt === 'mig.committed_before_done@2';
    expect(outcome).toMatchObject({ kind: allDone ? 'unchanged' : 'migrated', version: '2_b' });
    expect(await query(database, 'SELECT a FROM a ORDER BY 1')).toEqual([{ a: 1 }, { a: 2 }]);
    const rows = await query(
      database,
      `SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1`,
    );
    expect(rows).toEqual([{ name: '1_a' }, { name: '2_b' }]);
    const prisma = new PrismaSchemaEngine(postgres.url(database));
    expect(await prisma.diagnose(new Map(Object.entries(files)))).toMatchObject({
      failedMigrationNames: [],
      history: null,
    });
  });

  it('mig.failed_before_record: the failure is found again', async () => {
    await using folder = await directoryOf({ '1_a': 'CREATE TABLE a (); SELECT 1/0' });
    const database = await postgres.createDatabase();
    expect(await migrate(database, folder.directory, 'mig.failed_before_record')).toBe('SIGKILL');
    expect(await query(database, 'SELECT FROM _prisma_migrations')).toEqual([]);
    expect(await migrate(database, folder.directory)).toMatchObject({
      kind: 'failed',
      failure: { sqlstate: '22012', statementNumber: 2 },
    });
  });
});

/** A way to the server that is cut as soon as the client has sent something that holds `text`. */
async function cutAfter(text: string) {
  const server = createServer((client) => {
    const upstream = dial(postgres.port, postgres.host);
    client.on('error', () => {});
    upstream.on('error', () => {});
    upstream.pipe(client);
    client.on('data', (chunk) => {
      if (!chunk.includes(text)) return void upstream.write(chunk);
      upstream.unpipe(client);
      client.destroy();
      upstream.end(chunk);
    });
    client.on('close', () => upstream.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

it('a COMMIT whose answer is lost is not repeated: the ledger knows', async () => {
  const database = await postgres.createDatabase();
  await using proxy = await cutAfter('clock_timestamp(), 1);COMMIT');
  const connectTo = (port: number) => async () => {
    const url = new URL(postgres.url(database));
    Object.assign(url, { port: String(port), hostname: '127.0.0.1' });
    const client = new Client({ connectionString: url.href });
    await client.connect();
    return client;
  };
  const options = {
    database,
    migrations: Object.entries(atomic).map(([name, sql]) => migrationOf(name, Buffer.from(sql))),
    hooks: { onPending: async () => {} },
  };
  const lost = await migrateDatabase({ ...options, connect: connectTo(proxy.port) });
  expect(lost).toMatchObject({ kind: 'transient', failure: { code: 'SERVER_UNREACHABLE' } });
  const direct = connectTo(postgres.port);
  expect(await migrateDatabase({ ...options, connect: direct })).toMatchObject({
    applied: ['2_b'],
  });
  expect(await query(database, 'SELECT a FROM a ORDER BY 1')).toEqual([{ a: 1 }, { a: 2 }]);
});
