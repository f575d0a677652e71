import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { findMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { provisionFleet, sampleMigrations, type TestMigrations } from './support/fleet.ts';
import { readLedgers, withSuperuser } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

const TENANTS = 80;
const LANES = 3;

let postgres: TestPostgres;
let migrations: TestMigrations;
let daemons: readonly TestDaemon[];

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations('20250430120000_categories');
  const options = {
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    environment: { TENANTD_LANES: String(LANES), LOG_LEVEL: 'debug' },
  };
  daemons = await Promise.all([startDaemon(options), startDaemon(options)]);
  const [first] = daemons;
  if (first !== undefined) await provisionFleet(first.client, TENANTS);
});

afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()));
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

test('two daemons on one master share a run: no tenant twice, never more than the lanes at once', async () => {
  const [first, second] = daemons;
  if (first === undefined || second === undefined) throw new Error('two were started');
  await migrations.release(migrations.names.at(-1) ?? '');
  const { id } = await first.client.request(startMigrationRun, { input: {} });
  if (id === null) throw new Error('a run has an id');

  const { samples, most } = await watchSessions(async () => {
    const run = await second.client.request(findMigrationRun, { input: { id } });
    return run?.state === 'running';
  });
  expect(samples).toBeGreaterThan(10);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(LANES);

  const run = await first.client.request(findMigrationRun, { input: { id } });
  expect(run?.counts).toMatchObject({ done: TENANTS, failed: 0 });
  const settled = daemons.map(({ logged }) =>
    logged.filter(({ msg }) => msg === 'item settled').map(({ tenant }) => String(tenant)),
  );
  const all = settled.flat();
  expect(all.length).toBe(TENANTS);
  expect(new Set(all).size).toBe(TENANTS);
  for (const own of settled) expect(own.length).toBeGreaterThan(0);
  const once = migrations.names.map((name) => ({ name, applied: 1, open: 0 }));
  for (const [database, ledger] of await readLedgers(postgres)) {
    expect(ledger, database).toEqual(once);
  }
});

/** Counts the migrating sessions on the server, as often as it can, while `going` says so. */
async function watchSessions(going: () => Promise<boolean>) {
  let samples = 0;
  let most = 0;
  await withSuperuser(postgres, 'postgres', async (client) => {
    while (await going()) {
      const { rows } = await client.query<{ databases: number }>(
        `SELECT count(DISTINCT datname)::int AS databases FROM pg_stat_activity
         WHERE application_name LIKE 'tenantctl:%' AND usename = 'tenantctl_owner'`,
      );
      samples += 1;
      most = Math.max(most, rows[0]?.databases ?? 0);
    }
  });
  return { samples, most };
}
