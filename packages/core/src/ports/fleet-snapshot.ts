import type { MigrationRunViewModel } from '../application/view-models/migration-run-view-model.ts';
import type { ServerViewModel } from '../application/view-models/server-view-model.ts';
import type { TenantDatabaseViewModel } from '../application/view-models/tenant-database-view-model.ts';
import type { TenantViewModel } from '../application/view-models/tenant-view-model.ts';

/** The whole fleet at one sequence number. */
export type FleetAt = {
  readonly seq: number;
  readonly databases: readonly TenantDatabaseViewModel[];
  /** Those without a database. */
  readonly tenants: readonly TenantViewModel[];
  readonly servers: readonly ServerViewModel[];
  readonly run: MigrationRunViewModel | null;
};

/** Reads the records themselves, never the read model, in one consistent view. */
export interface FleetSnapshot {
  take(only?: readonly string[]): Promise<FleetAt>;
}
