import type { Clock, Ids } from '@tenantctl/core/ports/clock';
import type { MigrationRunRepository } from '@tenantctl/core/ports/migration-run-repository';
import type { TenantDatabaseReadRepository } from '@tenantctl/core/ports/tenant-database-read-repository';
import type { TenantDatabaseWriteRepository } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import type { TenantRepository } from '@tenantctl/core/ports/tenant-repository';

/** What the commands and queries behind the API need. */
export type ApiNeeds = {
  readonly tenants: Pick<TenantRepository, 'find' | 'create' | 'search'>;
  /** The records. */
  readonly databases: Pick<TenantDatabaseWriteRepository, 'findById' | 'findByTenantId' | 'save'>;
  readonly readModel: Pick<TenantDatabaseReadRepository, 'findByCriteria'>;
  readonly runs: Pick<MigrationRunRepository, 'start' | 'find' | 'newest' | 'items'>;
  readonly migrator: Pick<TenantMigrator, 'migrationsOnDisk'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Called after a command that queued work, so that it begins now and not at the next poll. */
  readonly onWorkQueued: () => void;
};
