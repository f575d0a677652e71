import { z } from 'zod';
import type { Principal } from '../../ports/tenant-database-write-repository.ts';
import { queueOperation, workCommand, type QueueNeeds } from '../queue-operation.ts';

export const TenantDatabaseResumeCommand = z.strictObject(workCommand);
export type TenantDatabaseResumeCommand = z.input<typeof TenantDatabaseResumeCommand>;

/**
 * Queues the end of a suspension: the database goes back to the status it had. Returns the record's id.
 * Throws `INVALID_INPUT`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `REVISION_CONFLICT`, `OPERATION_IN_PROGRESS`, `ILLEGAL_TRANSITION`.
 */
export function resumeTenantDatabase(
  needs: QueueNeeds,
  command: TenantDatabaseResumeCommand,
  principal: Principal,
): Promise<string> {
  return queueOperation(needs, {
    name: 'TenantDatabaseResumeCommand',
    command,
    principal,
    claim: (database, work, now) => database.queueResumption(work('resume'), now),
  });
}
