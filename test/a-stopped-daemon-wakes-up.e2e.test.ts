import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  listMigrationRunItems,
  startMigrationRun,
} from '@tenantctl/core/wire/migration-run-operations';
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

const TENANTS = 6;
/** Long enough that a daemon can be stopped in the middle of it. */
const slow = '20990101000000_slow';

let postgres: TestPostgres;
let migrations: TestMigrations;
let stopped: TestDaemon;
let other: TestDaemon;

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations('20250127143000_payments');
  const options = {
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    environment: { TENANTD_LANES: '2', LOG_LEVEL: 'debug' },
  };
  stopped = await startDaemon(options);
  other = await startDaemon(options);
  await provisionFleet(other.client, TENANTS);
});

afterAll(async () => {
  await Promise.all([stopped.stop(), other.stop()]);
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

test('a daemon that was stopped past its lease finds its item taken over: nothing is applied twice', async () => {
  await mkdir(path.join(migrations.directory, slow));
  await writeFile(
    path.join(migrations.directory, slow, 'migration.sql'),
    'CREATE TABLE slow (id int);\nSELECT pg_sleep(1.5);\nINSERT INTO slow VALUES (1);\n',
  );
  const { id } = await other.client.request(startMigrationRun, { input: {} });
  if (id === null) throw new Error('a run has an id');
  // Both have a lane: stop one of them while it has a database in hand.
  await eventually(async () => {
    const items = await other.client.request(listMigrationRunItems, {
      input: { runId: id, state: 'RUNNING' },
    });
    expect(new Set(items.items.map(({ lane }) => lane)).size).toBe(2);
  });
  stopped.process.kill('SIGSTOP');

  const run = await runEnded(other.client, id);
  stopped.process.kill('SIGCONT');
  expect(run.counts).toMatchObject({ done: TENANTS, failed: 0 });
  // It says that it has lost the item, and neither settles it nor works on.
  await eventually(() => {
    const codes = stopped.logged.map(({ code }) => code);
    expect(codes).toContain('REVISION_CONFLICT');
  });
  for (const [database, ledger] of await readLedgers(postgres)) {
    expect(
      ledger.find(({ name }) => name === slow),
      database,
    ).toEqual({
      name: slow,
      applied: 1,
      open: 0,
    });
  }
});
