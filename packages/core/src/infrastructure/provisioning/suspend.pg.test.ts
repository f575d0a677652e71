import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { migration, startTenantServer } from '../../../../../test/support/tenant-server.ts';
import { tenantRole } from './names.ts';

const head = [migration('20260101000000_init', 'CREATE TABLE product (id int PRIMARY KEY)')];

let server: Awaited<ReturnType<typeof startTenantServer>>;

beforeAll(async () => {
  server = await startTenantServer(head);
});

afterAll(() => server?.stop());

test('suspending ends every session and takes no new one; resuming opens again', async () => {
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const sessions = [await server.asTenant(target), await server.asTenant(target)];
  const owner = await server.access.owner('default', target.databaseName, { applicationName: 'x' });
  const running = sessions[0]?.query('SELECT pg_sleep(60)').catch((error: unknown) => error);

  await server.provisioner.suspend(target);
  expect(await running).toMatchObject({ code: '57P01' });
  await expect(owner.query('SELECT 1')).rejects.toThrow();
  const superuser = await server.asSuperuser();
  const { rows } = await superuser.query(`SELECT pid FROM pg_stat_activity WHERE datname = $1`, [
    target.databaseName,
  ]);
  expect(rows).toEqual([]);
  await expect(server.asTenant(target)).rejects.toMatchObject({ code: '55000' });
  await expect(
    server.access.owner('default', target.databaseName, { applicationName: 'x' }),
  ).rejects.toMatchObject({ code: 'DATABASE_CLOSED' });
  await server.provisioner.suspend(target);

  await server.provisioner.resume(target);
  await server.provisioner.resume(target);
  await expect(server.asTenant(target)).resolves.toBeDefined();
});

test('clients that storm the door while a database is suspended find it shut for good', async () => {
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const password = (await server.credentials.rolePassword(target.id)).reveal();
  const url = server.postgres.url(target.databaseName, { user: tenantRole(target.id), password });
  let storming = true;
  const storm = Array.from({ length: 6 }, async () => {
    while (storming) {
      const client = new Client({ connectionString: url });
      client.on('error', () => {});
      await client.connect().catch(() => client.end().catch(() => {}));
    }
  });
  const superuser = await server.asSuperuser();
  await eventually(async () => {
    const { rows } = await superuser.query(
      'SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = $1',
      [target.databaseName],
    );
    expect(rows[0].sessions).toBeGreaterThan(3);
  });
  await server.provisioner.suspend(target);
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
  const target = await server.newTarget();
  await server.provisioner.provision(target);
  const superuser = await server.asSuperuser(target.databaseName);
  await expect(server.provisioner.suspend(target)).rejects.toMatchObject({
    code: 'PERMISSION_MISSING',
    message: expect.stringContaining('"postgres"'),
  });
  await expect(server.asTenant(target)).rejects.toMatchObject({ code: '55000' });
  await superuser.end();
  await server.provisioner.suspend(target);
}, 40_000);

test('suspending what does not exist says so', async () => {
  const target = await server.newTarget();
  await expect(server.provisioner.suspend(target)).rejects.toMatchObject({
    code: 'DATABASE_MISSING',
  });
});
