import { randomUUID } from 'node:crypto';
import { TenantDatabaseViewModel } from '../../application/view-models/tenant-database-view-model.ts';

/** The `nth` of January 2026, at midnight UTC. */
export const day = (nth: number) => new Date(Date.UTC(2026, 0, nth));

/** A view of its own, with what a test cares for. */
export function exampleView(given: Partial<TenantDatabaseViewModel>): TenantDatabaseViewModel {
  const id = randomUUID();
  return TenantDatabaseViewModel.parse({
    id,
    tenantId: randomUUID(),
    tenantSlug: `t-${id}`,
    server: 'default',
    databaseName: `tenant_${id}`,
    readDatabaseName: `tenant_${id}_read`,
    status: 'ACTIVE',
    schemaVersion: null,
    lastMigrationAt: null,
    errorCode: null,
    errorMessage: null,
    failure: null,
    failedOperation: null,
    work: null,
    revision: 1,
    createdAt: day(1),
    updatedAt: day(1),
    ...given,
  });
}
