import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import { compareMigrationNames } from '../../domain/migration-plan.ts';
import type { FrozenMigration } from '../../domain/migration-run.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { MigrationRunRepository } from '../../ports/migration-run-repository.ts';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import type { TenantDatabaseReadRepository } from '../../ports/tenant-database-read-repository.ts';
import type { TenantMigrator } from '../../ports/tenant-migrator.ts';
import { assertRole } from '../asserts.ts';
import { newerThan } from '../newer-than.ts';
import { optional, parseInput, Reason } from '../parse-input.ts';
import type { MigrationRunViewModel } from '../view-models/migration-run-view-model.ts';

/**
 * `includeFailed` takes databases along whose migration failed before; `to` is the name of the last
 * migration to apply, the newest one unless given.
 */
export const MigrationRunStartCommand = z.strictObject({
  includeFailed: optional(z.boolean()),
  to: optional(z.string()),
  reason: optional(Reason),
});
export type MigrationRunStartCommand = z.input<typeof MigrationRunStartCommand>;

type Needs = {
  readonly runs: Pick<MigrationRunRepository, 'start'>;
  readonly readModel: Pick<TenantDatabaseReadRepository, 'findByCriteria'>;
  readonly migrator: Pick<TenantMigrator, 'migrationsOnDisk'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/**
 * Starts a fleet migration with the migrations as they are on disk now. Throws `INVALID_INPUT`, `FORBIDDEN`,
 * `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`, `MIGRATION_FILE_MISSING`, `RUN_IN_PROGRESS`; and
 * `MIGRATION_REFUSED` for a file that no tenant has had yet and that none can have.
 */
export async function startMigrationRun(
  { runs, readModel, migrator, clock, ids }: Needs,
  command: MigrationRunStartCommand,
  principal: Principal,
): Promise<MigrationRunViewModel> {
  const { includeFailed = false, to, reason } = parseInput(MigrationRunStartCommand, command);
  assertRole(principal, 'operator', 'MigrationRunStartCommand');
  const isNews = newerThan(await newestVersion(readModel));
  const onDisk = await migrator.migrationsOnDisk(
    (name) => isNews(name) && (to === undefined || compareMigrationNames(name, to) <= 0),
  );
  const { migrations, target } = upTo(to, onDisk);
  const id = ids.uuid();
  const run = {
    id,
    targetVersion: target.name,
    migrations,
    includeFailed,
    startedBy: principal.name,
    reason: reason ?? null,
    now: clock.now(),
  };
  return runs.start(run, {
    principal,
    command: 'MigrationRunStartCommand',
    subjectId: id,
    arguments: {
      includeFailed,
      to: target.name,
      migrations: migrations.length,
      ...(reason !== undefined && { reason }),
    },
  });
}

/** The newest schema version that any tenant database has; null when there is none. */
async function newestVersion(readModel: Needs['readModel']): Promise<string | null> {
  const { items } = await readModel.findByCriteria({
    filters: [],
    // Nulls come before everything, so last here.
    sorts: [{ field: 'schemaVersion', direction: 'DESC' }],
    pagination: { page: 1, limit: 1 },
  });
  return items[0]?.schemaVersion ?? null;
}

function upTo(to: string | undefined, onDisk: readonly FrozenMigration[]) {
  const end = to === undefined ? onDisk.length : onDisk.findIndex(({ name }) => name === to) + 1;
  const migrations = onDisk.slice(0, end);
  const target = migrations.at(-1);
  if (target === undefined) {
    throw new Problem('INVALID_INPUT', 'to', {
      more: `is "${to}", which is not on disk; known are ${newest(onDisk)}`,
      facts: { field: 'to' },
    });
  }
  return { migrations, target };
}

function newest(onDisk: readonly FrozenMigration[]): string {
  const names = onDisk.slice(-5).map(({ name }) => name);
  return [...(onDisk.length > names.length ? ['…'] : []), ...names].join(', ');
}
