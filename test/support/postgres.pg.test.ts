import { existsSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { startTestPostgres } from './postgres.ts';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('a test server is used as the provisioner, crashes, comes back and leaves nothing', async () => {
  const postgres = await startTestPostgres({ log_statement: 'none' });
  expect(await ask(postgres.masterUrl, 'SELECT current_user')).toEqual(['tenantctl_provisioner']);
  const url = postgres.url(await postgres.createDatabase('made_here'));
  await ask(url, 'CREATE TABLE kept AS SELECT 42');

  await postgres.kill();
  await expect(ask(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await postgres.restart();
  expect(await ask(url, 'TABLE kept')).toEqual([42]);

  const as = { user: 'app', password: 'a/b c@d' };
  await ask(postgres.superuserUrl, `CREATE ROLE app LOGIN PASSWORD 'a/b c@d'`);
  expect(await ask(postgres.url('made_here', as), 'SELECT current_user')).toEqual(['app']);

  const { pid } = postgres;
  await postgres.stop();
  expect(existsSync(postgres.directory)).toBe(false);
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});
