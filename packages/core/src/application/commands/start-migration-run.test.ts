import { expect, test } from 'vitest';
import { Problem } from '../../domain/errors.ts';
import type { MigrationRunRepository, NewRun } from '../../ports/migration-run-repository.ts';
import type { AuditRecord, Principal } from '../../ports/tenant-database-write-repository.ts';
import { exampleView } from '../../ports/contracts/example-view.ts';
import { startMigrationRun } from './start-migration-run.ts';

const now = new Date('2026-11-21T10:00:00.000Z');
const operator: Principal = { name: 'unix:uid=1000', role: 'operator' };
const id = '55555555-5555-4555-8555-555555555555';
const migration = (name: string) => ({ name, checksum: 'a'.repeat(64) });

/** A folder with these migrations, and what a run was started with. */
function world(...names: readonly string[]) {
  const started: { readonly run: NewRun; readonly audit: AuditRecord }[] = [];
  const start: MigrationRunRepository['start'] = async (run, audit) => {
    started.push({ run, audit });
    return {
      id: run.id,
      number: 1,
      state: 'running',
      targetVersion: run.targetVersion,
      migrationCount: run.migrations.length,
      startedBy: run.startedBy,
      reason: run.reason,
      startedAt: run.now,
      endedAt: null,
      counts: { pending: 0, running: 0, done: 0, unchanged: 0, failed: 0, skipped: 0 },
      causes: [],
    };
  };
  const asked: string[] = [];
  const migrationsOnDisk = async (willRun: (name: string) => boolean = () => false) => {
    if (names.length === 0) throw new Problem('MIGRATIONS_DIR_EMPTY', 'migrations');
    asked.push(...names.filter(willRun));
    return names.map(migration);
  };
  const newest = exampleView({ schemaVersion: names[0] ?? null });
  const needs = {
    runs: { start },
    readModel: { findByCriteria: async () => ({ items: [newest], total: 9, page: 1, limit: 1 }) },
    migrator: { migrationsOnDisk },
    clock: { now: () => now },
    ids: { uuid: () => id },
  };
  return { needs, started, asked };
}

test('a run freezes what is on disk and aims at the newest migration', async () => {
  const { needs, started } = world('1_init', '2_orders', '3_emails');
  const run = await startMigrationRun(needs, { reason: 'release 7' }, operator);
  expect(run).toMatchObject({ id, targetVersion: '3_emails', migrationCount: 3 });
  expect(started[0]?.run).toEqual({
    id,
    targetVersion: '3_emails',
    migrations: ['1_init', '2_orders', '3_emails'].map(migration),
    includeFailed: false,
    startedBy: 'unix:uid=1000',
    reason: 'release 7',
    now,
  });
  expect(started[0]?.audit).toMatchObject({
    principal: operator,
    command: 'MigrationRunStartCommand',
    subjectId: id,
    arguments: { includeFailed: false, to: '3_emails', migrations: 3, reason: 'release 7' },
  });
});

test('a run to a migration takes nothing along that is after it', async () => {
  const { needs, started } = world('1_init', '2_orders', '3_emails');
  await startMigrationRun(needs, { to: '2_orders', includeFailed: true }, operator);
  expect(started[0]?.run).toMatchObject({
    targetVersion: '2_orders',
    migrations: ['1_init', '2_orders'].map(migration),
    includeFailed: true,
  });
});

test('what no tenant has had yet, up to the target, must be fit to run', async () => {
  const { needs, asked } = world('1_init', '2_orders', '3_emails');
  await startMigrationRun(needs, { to: '2_orders' }, operator);
  expect(asked).toEqual(['2_orders']);
  await startMigrationRun(needs, {}, operator);
  expect(asked).toEqual(['2_orders', '2_orders', '3_emails']);
});

test('a target that is not on disk is refused, with the newest that are', async () => {
  const { needs, started } = world('1_a', '2_b', '3_c', '4_d', '5_e', '6_f');
  for (const to of ['7_g', '', '6']) {
    await expect(startMigrationRun(needs, { to }, operator)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: `"to" is "${to}", which is not on disk; known are …, 2_b, 3_c, 4_d, 5_e, 6_f`,
      facts: { field: 'to' },
    });
  }
  expect(started).toEqual([]);
});

test('an empty folder starts nothing', async () => {
  const { needs, started } = world();
  const run = startMigrationRun(needs, {}, operator);
  await expect(run).rejects.toMatchObject({ code: 'MIGRATIONS_DIR_EMPTY' });
  expect(started).toEqual([]);
});

test('a viewer starts no run', async () => {
  const { needs } = world('1_init');
  const run = startMigrationRun(needs, {}, { name: 'token:1', role: 'viewer' });
  await expect(run).rejects.toMatchObject({ code: 'FORBIDDEN' });
});
