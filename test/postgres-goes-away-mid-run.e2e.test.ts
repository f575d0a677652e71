import { readDaemonInfo } from '@tenantctl/core/wire/daemon-operations';
import { findMigrationRun, startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import {
  provisionFleet,
  runEnded,
  sampleMigrations,
  type TestMigrations,
} from './support/fleet.ts';
import { readLedgers } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

const TENANTS = 30;

let postgres: TestPostgres;
let migrations: TestMigrations;
let daemon: TestDaemon;

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations('20250430120000_categories');
  daemon = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    environment: { TENANTD_LANES: '2' },
  });
  await provisionFleet(daemon.client, TENANTS);
});

afterAll(async () => {
  await daemon.stop();
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

test('a run outlives a crash of PostgreSQL: nobody is FAILED, nothing is applied twice, the daemon never exits', async () => {
  await migrations.release(migrations.names.at(-1) ?? '');
  const { id } = await daemon.client.request(startMigrationRun, { input: {} });
  if (id === null) throw new Error('a run has an id');
  await eventually(async () => {
    const run = await daemon.client.request(findMigrationRun, { input: { id } });
    expect(run?.counts.done).toBeGreaterThan(2);
  });

  await postgres.kill();
  await eventually(async () => {
    await expect(daemon.client.request(findMigrationRun, { input: { id } })).rejects.toMatchObject({
      code: 'MASTER_UNREACHABLE',
    });
  });
  // The daemon itself still answers what it knows without the master.
  expect(await daemon.client.request(readDaemonInfo, {})).toMatchObject({ name: 'local' });

  await postgres.restart();
  const run = await runEnded(daemon.client, id);
  expect(run.counts).toMatchObject({ done: TENANTS, failed: 0, pending: 0, running: 0 });
  expect(run.state).toBe('completed');
  expect(daemon.process.exitCode).toBeNull();
  const once = migrations.names.map((name) => ({ name, applied: 1, open: 0 }));
  for (const [database, ledger] of await readLedgers(postgres)) {
    expect(ledger, database).toEqual(once);
  }
});
