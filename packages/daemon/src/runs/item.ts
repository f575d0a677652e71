import { Problem } from '@tenantctl/core/domain/errors';
import type { Failure } from '@tenantctl/core/domain/failure';
import type { FrozenMigration, ItemOutcome } from '@tenantctl/core/domain/migration-run';
import type { TenantDatabaseAggregate } from '@tenantctl/core/domain/tenant-database';
import type { Clock } from '@tenantctl/core/ports/clock';
import { crashPoint } from '@tenantctl/core/ports/crash-point';
import type {
  ClaimedItem,
  MigrationRunRepository,
} from '@tenantctl/core/ports/migration-run-repository';
import type { TenantDatabaseWriteRepository } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { MigrateOutcome, TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import { backoffMs } from '../backoff.ts';
import type { Log } from '../log.ts';
import { settle } from '../settle.ts';
import { mostTries, retryLimits } from '../tries.ts';
import type { Steps } from './steps.ts';

export type ItemNeeds = {
  readonly runs: MigrationRunRepository;
  readonly tenantDatabases: TenantDatabaseWriteRepository;
  readonly migrator: TenantMigrator;
  readonly steps: Steps;
  readonly clock: Clock;
  readonly log: Log;
};

/** Migrates one claimed database and settles item and record together. */
export async function workItem(
  needs: ItemNeeds,
  item: ClaimedItem,
  frozen: readonly FrozenMigration[],
  signal: AbortSignal,
): Promise<void> {
  const { id, tenantSlug } = item.tenantDatabase;
  const since = needs.clock.now();
  needs.steps.set({ tenantDatabaseId: id, tenantSlug, attempt: item.attempt, since });
  try {
    crashPoint('mig.claimed');
    const reason = skipReasonOf(item.tenantDatabase);
    if (reason !== null) return await skip(needs, item, reason, signal);
    const { database, outcome } = await migrate(needs, item, frozen);
    crashPoint('mig.before_settle');
    await settleItem(needs, { ...item, tenantDatabase: database }, outcome, signal);
  } finally {
    needs.steps.end(id);
  }
}

/** Why the database cannot be migrated after all: it has changed since the run froze its items. */
function skipReasonOf(database: TenantDatabaseAggregate): string | null {
  if (database.deletedAt !== null) return 'deleted';
  if (database.status === 'ACTIVE') return null;
  if (database.status === 'FAILED' && database.failedOperation === 'migrate') return null;
  return database.status;
}

async function skip(
  { tenantDatabases, clock, log }: ItemNeeds,
  item: ClaimedItem,
  reason: string,
  signal: AbortSignal,
): Promise<void> {
  const database = item.tenantDatabase;
  database.released(clock.now());
  const outcome = { state: 'skipped', reason } as const;
  const skipped = { itemId: item.id, attempt: item.attempt, outcome };
  await settle(() => tenantDatabases.save(database, { settleItem: skipped }), { log, signal });
}

async function migrate(needs: ItemNeeds, item: ClaimedItem, frozen: readonly FrozenMigration[]) {
  let database = item.tenantDatabase;
  const { id, server, databaseName } = database;
  const outcome = await needs.migrator.migrate(
    { server, databaseName, workId: item.id, frozen },
    {
      onPending: async () => {
        if (database.status === 'MIGRATING') return;
        start(database, needs.clock.now());
        database = await needs.tenantDatabases.save(database);
      },
      onStep: (step) => needs.steps.update(id, step),
    },
  );
  return { database, outcome };
}

/** ACTIVE → MIGRATING, or a FAILED one that the run takes along. */
function start(database: TenantDatabaseAggregate, now: Date): void {
  const { work } = database;
  if (database.status !== 'FAILED' || work === null) return database.migrationStarted(now);
  return database.retried(() => work, now);
}

async function settleItem(
  needs: ItemNeeds,
  item: ClaimedItem,
  outcome: MigrateOutcome,
  signal: AbortSignal,
): Promise<void> {
  const { log, clock } = needs;
  const database = item.tenantDatabase;
  const tenant = database.tenantSlug;
  if (outcome.kind === 'unchanged' && isAsRecorded(database, outcome.version)) {
    const ours = await settle(() => needs.runs.settleUnchanged(item), { log, signal });
    if (!ours) throw superseded(tenant);
    return;
  }
  const state = apply(database, outcome, item.attempt, clock.now());
  const settled = { itemId: item.id, attempt: item.attempt, outcome: state };
  const save = () => needs.tenantDatabases.save(database, { settleItem: settled });
  await settle(save, { log, signal });
  if (state.state === 'failed') log.warn({ tenant, failure: state.failure }, state.failure.message);
  else log.debug({ tenant, outcome: state.state }, 'item settled');
}

function isAsRecorded(database: TenantDatabaseAggregate, version: string | null): boolean {
  return database.status === 'ACTIVE' && database.schemaVersion === version;
}

/** The record's transition, and what the item becomes. */
function apply(
  database: TenantDatabaseAggregate,
  outcome: MigrateOutcome,
  attempt: number,
  now: Date,
): ItemOutcome {
  switch (outcome.kind) {
    case 'unchanged':
      // The ledger is ahead of the record: this item's migrations got through before a crash.
      if (database.status !== 'MIGRATING') start(database, now);
      database.migrated(outcome.version, now);
      return { state: 'done', toVersion: outcome.version ?? undefined };
    case 'migrated':
      database.migrated(outcome.version, now);
      return { state: 'done', toVersion: outcome.version };
    case 'failed':
      return fail(database, outcome, now);
    case 'transient': {
      const { failure } = outcome;
      if (attempt >= mostTries(failure)) return fail(database, outcome, now);
      release(database, now, outcome.reached);
      const notBefore = new Date(now.getTime() + backoffMs(attempt, retryLimits));
      return { state: 'pending', notBefore, failure };
    }
  }
}

type Failed = { readonly failure: Failure; readonly reached?: string };

function fail(
  database: TenantDatabaseAggregate,
  { failure, reached }: Failed,
  now: Date,
): ItemOutcome {
  if (database.status !== 'MIGRATING') start(database, now);
  database.failed(failure, now, reached);
  return { state: 'failed', failure };
}

/** The item goes back to the queue and the database is free again, as it was. */
function release(database: TenantDatabaseAggregate, now: Date, reached?: string): void {
  if (database.status === 'MIGRATING') database.rolledBack(now, reached);
  else database.released(now);
}

function superseded(tenant: string): Problem {
  return new Problem('REVISION_CONFLICT', tenant, { more: ': its item was taken over' });
}
