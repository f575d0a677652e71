import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { openMasterClient } from './master-client.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

function open(more: Partial<Parameters<typeof openMasterClient>[0]> = {}) {
  const options = { url: postgres.masterUrl, applicationName: 'tenantd:test', ...more };
  const master = openMasterClient(options);
  return Object.assign(master, { [Symbol.asyncDispose]: () => master.close() });
}

const backends = async ({ pool }: ReturnType<typeof openMasterClient>) =>
  (await pool.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'tenantd:test'`))
    .rowCount;

test('a session says who it is and has its limits from the start', async () => {
  await using master = open({ statementTimeoutMs: 12_000 });
  const settings = await master.prisma.$queryRaw`
    SELECT current_setting('application_name') AS name, current_setting('statement_timeout') AS statement,
      current_setting('lock_timeout') AS lock,
      current_setting('idle_in_transaction_session_timeout') AS idle`;
  expect(settings).toEqual([{ name: 'tenantd:test', statement: '12s', lock: '10s', idle: '12s' }]);
});

test('a lost connection fails the call in hand, and the next one has another', async () => {
  await using master = open({ maxConnections: 1 });
  const endMine = 'SELECT pg_terminate_backend(pg_backend_pid())';
  await expect(master.prisma.$queryRawUnsafe(endMine)).rejects.toThrow('terminating connection');
  await expect(
    master.prisma.$transaction(async (tx) => tx.$queryRawUnsafe(endMine)),
  ).rejects.toThrow('terminating connection');
  expect(await master.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

test('a connection that is lost while it is idle is told and replaced', async () => {
  const onConnectionLost = vi.fn<(error: Error) => void>();
  await using master = open({ maxConnections: 1, onConnectionLost });
  await using other = open({ applicationName: 'tenantd:other' });
  await master.prisma.$queryRaw`SELECT 1`;
  await other.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenantd:test'`,
  );
  await eventually(() => expect(onConnectionLost).toHaveBeenCalled());
  expect(await master.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

test('a connection that the server ends between two statements of its user does not end the process', async () => {
  await using master = open({ maxConnections: 1 });
  await using other = open({ applicationName: 'tenantd:other' });
  const client = await master.pool.connect();
  const ended = new Promise((resolve) => client.once('end', resolve));
  await other.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenantd:test'`,
  );
  // Nobody but the pool knows of it now, and an error without a listener would be thrown.
  await ended;
  client.release(true);
});

test('a statement that takes too long is ended by the server', async () => {
  await using master = open({ statementTimeoutMs: 100 });
  await expect(master.prisma.$queryRaw`SELECT 1 FROM pg_sleep(60)`).rejects.toThrow(
    'statement timeout',
  );
});

test('a transaction whose end has no answer does not come back to the pool', async () => {
  await using master = open({ maxConnections: 1 });
  const pid = async (client: Pick<Pool, 'query'>) =>
    (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
  const client = await master.pool.connect();
  const first = await pid(client);
  client.release();
  expect(await pid(master.pool)).toBe(first);
  const again = await master.pool.connect();
  await again.query('BEGIN');
  again.release();
  expect(await pid(master.pool)).not.toBe(first);
});

test('closing leaves no connection behind', async () => {
  await using watcher = open({ applicationName: 'tenantd:watcher' });
  const master = open();
  await Promise.all([1, 2, 3].map(() => master.prisma.$queryRaw`SELECT 1`));
  expect(await backends(watcher)).toBeGreaterThan(0);
  await master.close();
  await eventually(async () => expect(await backends(watcher)).toBe(0));
});

test('nothing connects before the first statement', async () => {
  const master = openMasterClient({
    url: 'postgresql://nobody@127.0.0.1:1/nowhere',
    applicationName: 'tenantd:test',
  });
  await master.close();
});
