import {
  defaultDatabaseName,
  defaultReadDatabaseName,
  type TenantDatabaseName,
  type TenantReadDatabaseName,
} from './tenant-database-name.ts';
import type { TenantDatabaseId, TenantDatabasePrimitives } from './tenant-database-primitives.ts';
import type { Tenant } from './tenant.ts';
import type { Work } from './work.ts';

/** What has to be known of a tenant database before there is one. */
export type NewTenantDatabase = {
  readonly id: TenantDatabaseId;
  readonly tenant: Pick<Tenant, 'id' | 'slug'>;
  readonly server: string;
  readonly databaseName?: TenantDatabaseName | undefined;
  readonly readDatabaseName?: TenantReadDatabaseName | undefined;
  /** The work that provisions it. */
  readonly work?: Work | undefined;
  readonly now: Date;
};

/** The first state of a record: PROVISIONING, named `tenant_<tenantId>` unless told otherwise. */
export function newTenantDatabase(given: NewTenantDatabase): TenantDatabasePrimitives {
  const { id, tenant, server, now } = given;
  const databaseName = given.databaseName ?? defaultDatabaseName(tenant.id);
  return {
    id,
    tenantId: tenant.id,
    tenantSlug: tenant.slug,
    server,
    databaseName,
    readDatabaseName: given.readDatabaseName ?? defaultReadDatabaseName(databaseName),
    status: 'PROVISIONING',
    statusBeforeSuspension: null,
    schemaVersion: null,
    lastMigrationAt: null,
    failedOperation: null,
    failure: null,
    work: given.work ?? null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  };
}
