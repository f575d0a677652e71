import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrateDatabase } from '@tenantctl/core/infrastructure/migrations/migrate-database';
import { migrationOf } from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';
import { PrismaSchemaEngine, type PrismaFiles } from './support/prisma-schema-engine.ts';

// Both sides work on one database: our engine, and Prisma's own. After whatever we did, Prisma's diagnosis
// must tell what we would.

const sampleFolder = path.resolve(import.meta.dirname, '../prisma/tenant/migrations');

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function bothOnOneDatabase() {
  const database = await postgres.createDatabase();
  const url = postgres.url(database);
  const connect = async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    return client;
  };
  return {
    prisma: new PrismaSchemaEngine(url),
    ours: (files: PrismaFiles, more: { readonly resumePartial?: boolean } = {}) =>
      migrateDatabase({
        database,
        connect,
        migrations: [...files].map(([name, sql]) => migrationOf(name, Buffer.from(sql))),
        hooks: { onPending: async () => {} },
        policy: more,
      }),
    query: async (sql: string) => {
      const client = await connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    },
  };
}

const files = (named: Readonly<Record<string, string>>): PrismaFiles =>
  new Map(Object.entries(named));

const inSync = {
  editedMigrationNames: [],
  failedMigrationNames: [],
  hasMigrationsTable: true,
  history: null,
};

const shapeOfLedger = `
  SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull, i.indisprimary,
         pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
    LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey)
   WHERE a.attrelid = '_prisma_migrations'::regclass AND a.attnum > 0
   ORDER BY a.attnum`;

describe('the table', () => {
  it('is the one that Prisma makes', async () => {
    const [one, other] = [await bothOnOneDatabase(), await bothOnOneDatabase()];
    const some = files({ '1_a': 'CREATE TABLE a (a int)' });
    await one.ours(some);
    await other.prisma.apply(some);
    expect(await one.query(shapeOfLedger)).toEqual(await other.query(shapeOfLedger));
  });

  it('holds the row that Prisma would write', async () => {
    const columns = `checksum, migration_name, logs, rolled_back_at, applied_steps_count,
                     finished_at >= started_at AS ordered, length(id) AS id`;
    const [one, other] = [await bothOnOneDatabase(), await bothOnOneDatabase()];
    const some = files({ '1_a': 'CREATE TABLE a (a int)\r\n;\n' });
    await one.ours(some);
    await other.prisma.apply(some);
    const select = `SELECT ${columns} FROM _prisma_migrations`;
    expect(await one.query(select)).toEqual(await other.query(select));
  });
});

describe('after our migration Prisma finds', () => {
  it('nothing to say about the sample application', async () => {
    const sample = new Map<string, string>();
    for (const entry of await readdir(sampleFolder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const file = path.join(sampleFolder, entry.name, 'migration.sql');
      sample.set(entry.name, await readFile(file, 'utf8'));
    }
    const { ours, prisma } = await bothOnOneDatabase();
    expect(await ours(sample)).toMatchObject({
      kind: 'migrated',
      applied: [...sample.keys()].toSorted(),
    });
    expect(await prisma.diagnose(sample)).toEqual(inSync);
    expect(await prisma.apply(sample)).toEqual([]);
  });

  it('nothing to say about a file applied statement by statement', async () => {
    const { ours, prisma } = await bothOnOneDatabase();
    const some = files({ '1_a': 'CREATE TABLE a (a int); CREATE INDEX CONCURRENTLY i ON a (a)' });
    expect(await ours(some)).toMatchObject({ kind: 'migrated' });
    expect(await prisma.diagnose(some)).toEqual(inSync);
  });

  it('nothing edited when only line ends differ', async () => {
    const { ours, prisma } = await bothOnOneDatabase();
    await ours(files({ '1_a': 'SELECT 1;\nSELECT 2;\n' }));
    const other = files({ '1_a': 'SELECT 1;\r\nSELECT 2;\r\n' });
    expect(await prisma.diagnose(other)).toEqual(inSync);
    expect(await ours(other)).toMatchObject({ kind: 'unchanged' });
  });

  it('what is pending', async () => {
    const { ours, prisma } = await bothOnOneDatabase();
    await ours(files({ '1_a': 'SELECT 1' }));
    const more = files({ '1_a': 'SELECT 1', '2_b': 'SELECT 2' });
    expect((await prisma.diagnose(more)).history).toMatchObject({
      diagnostic: 'databaseIsBehind',
      unappliedMigrationNames: ['2_b'],
    });
  });

  it('the same edited and missing migrations that we refuse', async () => {
    const { ours, prisma } = await bothOnOneDatabase();
    await ours(files({ '1_a': 'SELECT 1', '2_b': 'SELECT 2' }));
    const edited = files({ '1_a': 'SELECT 3', '2_b': 'SELECT 2' });
    expect((await prisma.diagnose(edited)).editedMigrationNames).toEqual(['1_a']);
    expect(await ours(edited)).toMatchObject({
      failure: { code: 'MIGRATION_EDITED', migration: '1_a' },
    });
    const missing = files({ '1_a': 'SELECT 1' });
    expect((await prisma.diagnose(missing)).history).toMatchObject({
      unpersistedMigrationNames: ['2_b'],
    });
    expect(await ours(missing)).toMatchObject({
      failure: { code: 'MIGRATION_MISSING', migration: '2_b' },
    });
  });
});

describe('a failed migration', () => {
  const some = files({
    '1_a': 'CREATE TABLE a (a int); INSERT INTO a VALUES (1), (1)',
    '2_b': 'CREATE UNIQUE INDEX u ON a (a)',
  });

  it('of ours is failed for Prisma, which refuses to go on; after our retry it is not', async () => {
    const { ours, prisma, query } = await bothOnOneDatabase();
    expect(await ours(some)).toMatchObject({ kind: 'failed' });
    expect(await prisma.diagnose(some)).toMatchObject({ failedMigrationNames: ['2_b'] });
    await expect(prisma.apply(some)).rejects.toThrow(/P3009|failed migrations/);
    await query('DELETE FROM a');
    expect(await ours(some)).toMatchObject({ kind: 'migrated', applied: ['2_b'] });
    expect(await prisma.diagnose(some)).toEqual(inSync);
  });

  it('of ours may be resolved by Prisma, either way', async () => {
    for (const way of ['applied', 'rolled back'] as const) {
      const { ours, prisma, query } = await bothOnOneDatabase();
      await ours(some);
      if (way === 'applied') await prisma.markApplied(some, '2_b');
      else {
        await prisma.markRolledBack('2_b');
        await query('DELETE FROM a');
      }
      const kind = way === 'applied' ? 'unchanged' : 'migrated';
      expect(await ours(some)).toMatchObject({ kind });
      expect(await prisma.diagnose(some)).toEqual(inSync);
    }
  });

  it("of Prisma's is refused by us until it is resolved", async () => {
    const { ours, prisma, query } = await bothOnOneDatabase();
    await expect(prisma.apply(some)).rejects.toThrow();
    expect(await ours(some)).toMatchObject({
      kind: 'failed',
      failure: { code: 'MIGRATION_PARTIAL', migration: '2_b' },
    });
    await prisma.markRolledBack('2_b');
    await query('DELETE FROM a');
    expect(await ours(some)).toMatchObject({ kind: 'migrated', applied: ['2_b'] });
    expect(await prisma.diagnose(some)).toEqual(inSync);
  });

  it('that stopped between statements is failed for Prisma until it is resumed', async () => {
    const { ours, prisma, query } = await bothOnOneDatabase();
    const split = files({
      ...Object.fromEntries(some),
      '2_b': 'CREATE TABLE b (); CREATE UNIQUE INDEX CONCURRENTLY u ON a (a)',
    });
    expect(await ours(split)).toMatchObject({ failure: { code: 'MIGRATION_PARTIAL' } });
    expect(await prisma.diagnose(split)).toMatchObject({ failedMigrationNames: ['2_b'] });
    await query('DELETE FROM a');
    expect(await ours(split, { resumePartial: true })).toMatchObject({ kind: 'migrated' });
    expect(await prisma.diagnose(split)).toEqual(inSync);
  });
});

it('a history that Prisma began is continued by us, and the other way round', async () => {
  const { ours, prisma } = await bothOnOneDatabase();
  const all = ['1_a', '2_b', '3_c'].map((name): [string, string] => [
    name,
    `CREATE TABLE "${name}" ()`,
  ]);
  await prisma.apply(new Map(all.slice(0, 1)));
  expect(await ours(new Map(all.slice(0, 2)))).toMatchObject({ applied: ['2_b'] });
  expect(await prisma.apply(new Map(all))).toEqual(['3_c']);
  expect(await ours(new Map(all))).toEqual({ kind: 'unchanged', version: '3_c' });
});
