import { z } from 'zod';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import { newerThan } from '../newer-than.ts';
import { queueOperation, workCommand, type MigrateNeeds } from '../queue-operation.ts';

export const TenantDatabaseMigrateCommand = z.strictObject(workCommand);
export type TenantDatabaseMigrateCommand = z.input<typeof TenantDatabaseMigrateCommand>;

/**
 * Queues the pending migrations of an ACTIVE database; it turns MIGRATING when there is something to apply.
 * Returns the record's id.
 * Throws `INVALID_INPUT`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `REVISION_CONFLICT`, `OPERATION_IN_PROGRESS`, `ILLEGAL_TRANSITION`, and what keeps the migrations on disk from
 * being applied: `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`, `MIGRATION_FILE_MISSING`, `MIGRATION_REFUSED`.
 */
export function migrateTenantDatabase(
  needs: MigrateNeeds,
  command: TenantDatabaseMigrateCommand,
  principal: Principal,
): Promise<string> {
  return queueOperation(needs, {
    name: 'TenantDatabaseMigrateCommand',
    command,
    principal,
    claim: (database, work, now) => database.queueMigration(work('migrate'), now),
    assertReady: ({ schemaVersion }) => needs.migrator.migrationsOnDisk(newerThan(schemaVersion)),
  });
}
