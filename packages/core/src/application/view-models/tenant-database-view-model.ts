import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import type { TenantDatabasePrimitives } from '../../domain/tenant-database-primitives.ts';
import { FailedOperation, TenantDatabaseStatusEnum } from '../../domain/tenant-database-status.ts';
import { Work } from '../../domain/work.ts';

/** A tenant database as it is read, by API, stream and terminal alike. Dates are ISO 8601 on the wire. */
export const TenantDatabaseViewModel = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  tenantSlug: z.string(),
  server: z.string(),
  databaseName: z.string(),
  readDatabaseName: z.string(),
  status: TenantDatabaseStatusEnum,
  schemaVersion: z.string().nullable(),
  lastMigrationAt: z.coerce.date().nullable(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  failure: Failure.nullable(),
  failedOperation: FailedOperation.nullable(),
  work: Work.nullable(),
  revision: z.int().positive(),
  createdAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
});
export type TenantDatabaseViewModel = z.infer<typeof TenantDatabaseViewModel>;

/** The view of a record. `errorCode` is SQLSTATE where PostgreSQL gave one, else the catalogue's code. */
export function viewOf(record: TenantDatabasePrimitives): TenantDatabaseViewModel {
  const { failure } = record;
  return {
    id: record.id,
    tenantId: record.tenantId,
    tenantSlug: record.tenantSlug,
    server: record.server,
    databaseName: record.databaseName,
    readDatabaseName: record.readDatabaseName,
    status: record.status,
    schemaVersion: record.schemaVersion,
    lastMigrationAt: record.lastMigrationAt,
    errorCode: failure === null ? null : (failure.sqlstate ?? failure.code),
    errorMessage: failure?.message ?? null,
    failure,
    failedOperation: record.failedOperation,
    work: record.work,
    revision: record.revision,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}
