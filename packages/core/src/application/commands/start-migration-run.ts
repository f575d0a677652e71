import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import type { FrozenMigration } from '../../domain/migration-run.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { MigrationRunRepository } from '../../ports/migration-run-repository.ts';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import type { TenantMigrator } from '../../ports/tenant-migrator.ts';
import { assertRole } from '../asserts.ts';
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
  readonly migrator: Pick<TenantMigrator, 'migrationsOnDisk'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/**
 * Starts a fleet migration with the migrations as they are on disk now. Throws `INVALID_INPUT`, `FORBIDDEN`,
 * `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`, `RUN_IN_PROGRESS`.
 */
export async function startMigrationRun(
  { runs, migrator, clock, ids }: Needs,
  command: MigrationRunStartCommand,
  principal: Principal,
): Promise<MigrationRunViewModel> {
  const { includeFailed = false, to, reason } = parseInput(MigrationRunStartCommand, command);
  assertRole(principal, 'operator', 'MigrationRunStartCommand');
  const { migrations, target } = upTo(to, await migrator.migrationsOnDisk());
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
