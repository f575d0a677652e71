import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { catalogFingerprint } from '../../../../../test/support/catalog-fingerprint.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { applyMasterMigrations } from './master-migrations.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

async function select(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('daemons that start at once make one master database', async () => {
  const url = postgres.url(await postgres.createDatabase());
  const start = () => applyMasterMigrations({ url, applicationName: 'test' });
  const applied = await Promise.all([start(), start(), start()]);
  expect(applied.map(({ length }) => length > 0).toSorted()).toEqual([false, false, true]);
  const schema = await catalogFingerprint(url, { ledger: true });
  expect(await start()).toEqual([]);
  expect(await catalogFingerprint(url, { ledger: true })).toEqual(schema);
});

test('a new master knows its own server and has an epoch of its own', async () => {
  const epochs = await Promise.all(
    [1, 2].map(async () => {
      const url = postgres.url(await postgres.createDatabase());
      await applyMasterMigrations({ url, applicationName: 'test' });
      expect(await select(url, `SELECT "name", "adminUrl" FROM "DatabaseServer"`)).toEqual([
        { name: 'default', adminUrl: null },
      ]);
      return select(url, `SELECT "value" FROM "GlobalSetting" WHERE "key" = 'event-epoch'`);
    }),
  );
  expect(epochs[0]).toEqual([{ value: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  expect(epochs[0]).not.toEqual(epochs[1]);
});

test('a master that does not answer is a problem of the world; one that is not there is not', async () => {
  const url = postgres.url('nowhere');
  await expect(
    applyMasterMigrations({ url: 'postgresql://nobody@127.0.0.1:1/x', applicationName: 'test' }),
  ).rejects.toMatchObject({ code: 'MASTER_UNREACHABLE' });
  await expect(applyMasterMigrations({ url, applicationName: 'test' })).rejects.toMatchObject({
    code: 'DATABASE_MISSING',
    message: expect.stringContaining('"nowhere" does not exist'),
  });
});

test('a migration that cannot be applied is named', async () => {
  const url = postgres.url(await postgres.createDatabase());
  await applyMasterMigrations({ url, applicationName: 'test' });
  await select(
    url,
    `UPDATE "_prisma_migrations" SET "checksum" = repeat('0', 64) WHERE "migration_name" LIKE '%numbered_facts'`,
  );
  await expect(applyMasterMigrations({ url, applicationName: 'test' })).rejects.toMatchObject({
    code: 'MIGRATION_FAILED',
    message: expect.stringContaining('numbered_facts'),
    facts: { code: 'MIGRATION_EDITED' },
  });
});
