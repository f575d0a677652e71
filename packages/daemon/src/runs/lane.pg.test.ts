import { randomUUID } from 'node:crypto';
import { MigrationRunPrismaRepository } from '@tenantctl/core/infrastructure/prisma/migration-run-prisma-repository';
import type { ClaimedItem, Lane } from '@tenantctl/core/ports/migration-run-repository';
import type { TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditOf, openTestMaster } from '../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../test/support/postgres.ts';
import { openLog } from '../log.ts';
import { workLane } from './lane.ts';
import { Steps } from './steps.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const clock = { now: () => new Date() };
const version = '20260201000000_next';
const migrations = [{ name: version, checksum: 'a'.repeat(64) }];
const log = openLog({ level: 'silent', format: 'json' });

test('a lane whose item was taken over while it worked ends, and leaves its successor alone', async () => {
  await using master = await openTestMaster(postgres);
  const { prisma, repository: tenantDatabases } = master;
  await master.activeRecord();
  const runs = new MigrationRunPrismaRepository({
    client: prisma,
    tenantDatabases,
    onEvents: () => undefined,
  });
  const id = randomUUID();
  const about = { includeFailed: false, startedBy: 'test', reason: null, now: clock.now() };
  await runs.start({ ...about, id, targetVersion: version, migrations }, auditOf('start'));
  // One process, whose event loop stood still for longer than the lease: both have the same lease by name.
  const lane: Lane = { server: 'default', lane: 0, daemonId: randomUUID(), jobId: randomUUID() };
  const { jobId, daemonId } = lane;
  await prisma.workLease.create({ data: { jobId, queue: 'run-lane', daemonId } });

  let successors: ClaimedItem | null = null;
  const ended: string[] = [];
  const migrator: TenantMigrator = {
    migrationsOnDisk: async () => migrations,
    endSessions: async (_server, workId) => void ended.push(workId),
    migrate: async (_target, hooks) => {
      await hooks.onPending([version]);
      await runs.putBack(lane);
      successors = await runs.claim(lane);
      return { kind: 'migrated', version, applied: [version] };
    },
  };
  const needs = { runs, tenantDatabases, migrator, steps: new Steps(), clock, log };
  await workLane(needs, lane, new AbortController().signal);

  expect(successors).toMatchObject({ attempt: 2 });
  expect((await runs.find(id))?.counts).toMatchObject({ running: 1, pending: 0, done: 0 });
  expect(ended).toEqual([]);
});
