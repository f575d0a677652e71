import { z } from 'zod';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import { newerThan } from '../newer-than.ts';
import { queueOperation, workCommand, type MigrateNeeds } from '../queue-operation.ts';

export const TenantDatabaseRetryCommand = z.strictObject(workCommand);
export type TenantDatabaseRetryCommand = z.input<typeof TenantDatabaseRetryCommand>;

/**
 * Takes up again what failed on a FAILED database, its provisioning or its migration. Returns the record's id.
 * Throws `INVALID_INPUT`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `REVISION_CONFLICT`, `OPERATION_IN_PROGRESS`, `NOTHING_TO_RETRY`, and as for a migration what keeps those on
 * disk from being applied.
 */
export function retryTenantDatabase(
  needs: MigrateNeeds,
  command: TenantDatabaseRetryCommand,
  principal: Principal,
): Promise<string> {
  return queueOperation(needs, {
    name: 'TenantDatabaseRetryCommand',
    command,
    principal,
    claim: (database, work, now) => database.retried(work, now),
    // A new database takes all of them.
    assertReady: ({ work, schemaVersion }) =>
      needs.migrator.migrationsOnDisk(
        work?.operation === 'provision' ? () => true : newerThan(schemaVersion),
      ),
  });
}
