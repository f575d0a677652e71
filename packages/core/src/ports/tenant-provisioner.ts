import type { TenantDatabaseId } from '../domain/tenant-database-primitives.ts';

/** What the provisioner has to know of a record. */
export type ProvisionTarget = {
  readonly id: TenantDatabaseId;
  readonly server: string;
  readonly databaseName: string;
  readonly workId: string;
};

/**
 * The real database of a tenant. Every method may be repeated after any crash inside it, by any daemon, and
 * leads to the same end. Nothing is ever done to a database that does not carry our mark for this record.
 */
export interface TenantProvisioner {
  /**
   * Login role, database cloned from the template at HEAD, privileges, name, open. Returns the schema version
   * it has. Throws `DATABASE_NAME_TAKEN` when a database of that name is not ours.
   */
  provision(target: ProvisionTarget): Promise<{ readonly schemaVersion: string | null }>;
  /** Shuts the doors: no new connection, and none is left. */
  suspend(target: ProvisionTarget): Promise<void>;
  resume(target: ProvisionTarget): Promise<void>;
}
