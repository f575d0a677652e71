import { z } from 'zod';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import { queueOperation, workCommand, type QueueNeeds } from '../queue-operation.ts';

export const TenantDatabaseSuspendCommand = z.strictObject(workCommand);
export type TenantDatabaseSuspendCommand = z.input<typeof TenantDatabaseSuspendCommand>;

/**
 * Queues the suspension of a database: nobody gets in and nobody stays in. Returns the record's id.
 * Throws `INVALID_INPUT`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `REVISION_CONFLICT`, `OPERATION_IN_PROGRESS`, `ILLEGAL_TRANSITION`.
 */
export function suspendTenantDatabase(
  needs: QueueNeeds,
  command: TenantDatabaseSuspendCommand,
  principal: Principal,
): Promise<string> {
  return queueOperation(needs, {
    name: 'TenantDatabaseSuspendCommand',
    command,
    principal,
    claim: (database, work, now) => database.queueSuspension(work('suspend'), now),
  });
}
