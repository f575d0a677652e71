import {
  createTenantDatabase,
  findTenantDatabase,
  suspendTenantDatabase,
} from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import { provisionFleet, sampleMigrations, type TestMigrations } from './support/fleet.ts';
import { withSuperuser } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

let postgres: TestPostgres;
let migrations: TestMigrations;
/** Prepares server and template, so that each case kills what it means to kill. */
let stateDirectory: string;

const start = (crashAt?: string): Promise<TestDaemon> =>
  startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    stateDirectory,
    environment: crashAt === undefined ? {} : { TENANTD_CRASH_AT: crashAt },
  });

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations('20250127143000_payments');
  const first = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
  });
  ({ stateDirectory } = first);
  await provisionFleet(first.client, 1, 'first');
  await first.stop({ keepState: true });
});

afterAll(async () => {
  const last = await start();
  await last.stop();
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

/** The daemon dies at the point that it was told; the next one on the same state has to finish. */
async function dieAndComeBack(
  crashAt: string,
  act: (daemon: TestDaemon) => Promise<unknown>,
): Promise<TestDaemon> {
  const doomed = await start(crashAt);
  await act(doomed).catch(() => undefined);
  expect(await doomed.exited).toBe('SIGKILL');
  return start();
}

test.each(['op.claimed', 'prov.db_created', 'prov.renamed', 'op.before_settle'])(
  'provisioning that is killed at %s is finished by the next life of the daemon',
  async (crashAt) => {
    const slug = crashAt.replaceAll(/[._]/g, '-');
    const daemon = await dieAndComeBack(crashAt, async ({ client }) => {
      await client.request(createTenant, { input: { slug } });
      await client.request(createTenantDatabase, { input: { tenantId: slug } });
    });
    const database = await eventually(async () => {
      const found = await daemon.client.request(findTenantDatabase, { input: { tenantId: slug } });
      expect(found).toMatchObject({ status: 'ACTIVE', work: null });
      return found;
    });
    const names = await withSuperuser(postgres, 'postgres', async (client) => {
      const { rows } = await client.query<{ datname: string }>(
        `SELECT datname FROM pg_database
         WHERE datname LIKE 'tenantctl\\_new\\_%' OR datname = $1`,
        [database?.databaseName],
      );
      return rows.map(({ datname }) => datname);
    });
    expect(names).toEqual([database?.databaseName]);
    await daemon.stop({ keepState: true });
  },
);

test('a suspension that is killed before it is noted is carried out by the next life of the daemon', async () => {
  const slug = 'first-001';
  const daemon = await dieAndComeBack('op.before_settle', ({ client }) =>
    client.request(suspendTenantDatabase, { input: { tenantId: slug } }),
  );
  await eventually(async () => {
    const found = await daemon.client.request(findTenantDatabase, { input: { tenantId: slug } });
    expect(found).toMatchObject({ status: 'SUSPENDED', work: null });
  });
  await daemon.stop({ keepState: true });
});
