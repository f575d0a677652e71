import { z } from 'zod';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import { queueOperation, workCommand, type QueueNeeds } from '../queue-operation.ts';

export const TenantDatabaseRetryCommand = z.strictObject(workCommand);
export type TenantDatabaseRetryCommand = z.input<typeof TenantDatabaseRetryCommand>;

/**
 * Takes up again what failed on a FAILED database, its provisioning or its migration. Returns the record's id.
 * Throws `INVALID_INPUT`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `REVISION_CONFLICT`, `OPERATION_IN_PROGRESS`, `NOTHING_TO_RETRY`.
 */
export function retryTenantDatabase(
  needs: QueueNeeds,
  command: TenantDatabaseRetryCommand,
  principal: Principal,
): Promise<string> {
  return queueOperation(needs, {
    name: 'TenantDatabaseRetryCommand',
    command,
    principal,
    claim: (database, work, now) => database.retried(work, now),
  });
}
