import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { findMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
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

const TENANTS = 200;
/** A lane's lease is 10 s; whoever takes over waits for it once, at most. */
const ONE_WAIT_MS = 15_000;

let postgres: TestPostgres;
let migrations: TestMigrations;
let daemon: TestDaemon;

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations('20250430120000_categories');
  daemon = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
  });
  await provisionFleet(daemon.client, TENANTS);
});

afterAll(async () => {
  await daemon.stop();
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

test('a run over 200 tenants ends by itself after kill -9 and a new start, each migration applied once', async () => {
  await migrations.release(migrations.names.at(-1) ?? '');
  const { id } = await daemon.client.request(startMigrationRun, { input: {} });
  if (id === null) throw new Error('a run has an id');
  const before = await eventually(async () => {
    const run = await daemon.client.request(findMigrationRun, { input: { id } });
    expect(run?.counts.done).toBeGreaterThan(20);
    return run;
  });
  await daemon.kill();
  expect(before?.counts.done).toBeLessThan(TENANTS);

  const { stateDirectory } = daemon;
  daemon = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    stateDirectory,
  });
  await eventually(
    async () => {
      const run = await daemon.client.request(findMigrationRun, { input: { id } });
      expect(run?.counts.done).toBeGreaterThan((before?.counts.done ?? 0) + 10);
    },
    { timeoutMs: ONE_WAIT_MS },
  );

  const run = await runEnded(daemon.client, id);
  expect(run.state).toBe('completed');
  expect(run.counts).toMatchObject({ done: TENANTS, failed: 0, pending: 0, running: 0 });
  const ledgers = await readLedgers(postgres);
  expect(ledgers.size).toBe(TENANTS);
  const once = migrations.names.map((name) => ({ name, applied: 1, open: 0 }));
  for (const [database, ledger] of ledgers) expect(ledger, database).toEqual(once);
});
