import { z } from 'zod';
import { Failure } from './failure.ts';
import { TenantDatabaseName, TenantReadDatabaseName } from './tenant-database-name.ts';
import { FailedOperation, TenantDatabaseStatusEnum } from './tenant-database-status.ts';
import { TenantId, TenantSlug } from './tenant.ts';
import { TenantDatabaseSchemaVersion } from './schema-version.ts';
import { Work } from './work.ts';

/** The id of a tenant database's record: a UUID, never the tenant's. */
export const TenantDatabaseId = z.uuid().brand<'TenantDatabaseId'>();
export type TenantDatabaseId = z.infer<typeof TenantDatabaseId>;

/** Everything a tenant database's record says, as plain data: what is stored and what events carry. */
export const TenantDatabasePrimitives = z.object({
  id: TenantDatabaseId,
  tenantId: TenantId,
  tenantSlug: TenantSlug,
  /** The name of the server that holds it. */
  server: z.string(),
  databaseName: TenantDatabaseName,
  readDatabaseName: TenantReadDatabaseName,
  status: TenantDatabaseStatusEnum,
  /** The status a suspension goes back to; null unless SUSPENDED. */
  statusBeforeSuspension: z.enum(['ACTIVE', 'FAILED']).nullable(),
  schemaVersion: TenantDatabaseSchemaVersion.nullable(),
  lastMigrationAt: z.coerce.date().nullable(),
  /** Which work has to be retried; null unless FAILED, or SUSPENDED while FAILED. */
  failedOperation: FailedOperation.nullable(),
  failure: Failure.nullable(),
  /** What the database is claimed for. */
  work: Work.nullable(),
  /** Grows by one with each change; 1 when created. */
  revision: z.int().positive(),
  createdAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
  deletedAt: z.coerce.date().nullable(),
});
export type TenantDatabasePrimitives = z.infer<typeof TenantDatabasePrimitives>;
