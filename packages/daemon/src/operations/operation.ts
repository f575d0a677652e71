import type { Failure } from '@tenantctl/core/domain/failure';
import type { TenantDatabaseAggregate } from '@tenantctl/core/domain/tenant-database';
import type { Clock } from '@tenantctl/core/ports/clock';
import type { TenantDatabaseWriteRepository } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import type { ProvisionTarget, TenantProvisioner } from '@tenantctl/core/ports/tenant-provisioner';

/** What an operation works with. */
export type OperationNeeds = {
  readonly provisioner: TenantProvisioner;
  readonly migrator: TenantMigrator;
  readonly tenantDatabases: TenantDatabaseWriteRepository;
  readonly clock: Clock;
};

/**
 * How one try of an operation went. `ended`: the aggregate has made its transition and waits to be saved.
 * `again`: something of the world (a lock, a connection) was in the way; try later.
 */
export type Tried =
  | { readonly kind: 'ended'; readonly database: TenantDatabaseAggregate }
  | {
      readonly kind: 'again';
      readonly database: TenantDatabaseAggregate;
      readonly failure: Failure;
      readonly reached?: string | undefined;
    };

/** One try. It may be repeated after any crash, by any daemon. It throws what is wrong for good. */
export type TryOperation = (
  needs: OperationNeeds,
  database: TenantDatabaseAggregate,
  workId: string,
) => Promise<Tried>;

export function targetOf(database: TenantDatabaseAggregate, workId: string): ProvisionTarget {
  const { id, server, databaseName } = database;
  return { id, server, databaseName, workId };
}
