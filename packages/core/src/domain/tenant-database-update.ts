import type { Failure } from './failure.ts';
import type { TenantDatabaseSchemaVersion } from './schema-version.ts';
import type { TenantDatabaseName, TenantReadDatabaseName } from './tenant-database-name.ts';
import type { TenantDatabasePrimitives } from './tenant-database-primitives.ts';
import type { TenantDatabaseStatusEnum } from './tenant-database-status.ts';

/**
 * What `update` may set; `status` only along the transitions that are legal by hand. A `databaseName` is not
 * written here: another one needs the database renamed first.
 */
export type TenantDatabaseUpdate = {
  readonly databaseName?: TenantDatabaseName | undefined;
  readonly readDatabaseName?: TenantReadDatabaseName | undefined;
  readonly status?: TenantDatabaseStatusEnum | undefined;
  readonly schemaVersion?: TenantDatabaseSchemaVersion | undefined;
  readonly lastMigrationAt?: Date | undefined;
  readonly errorMessage?: string | undefined;
  readonly reason?: string | undefined;
  readonly now: Date;
};

/** What an update changes of a record besides its status; empty when it says what the record says. */
export function editsOf(
  record: TenantDatabasePrimitives,
  update: TenantDatabaseUpdate,
): Partial<TenantDatabasePrimitives> {
  const { readDatabaseName, schemaVersion, lastMigrationAt, errorMessage } = update;
  const edits: Partial<TenantDatabasePrimitives> = {};
  if (readDatabaseName !== undefined && readDatabaseName !== record.readDatabaseName) {
    edits.readDatabaseName = readDatabaseName;
  }
  if (schemaVersion !== undefined && schemaVersion !== record.schemaVersion) {
    edits.schemaVersion = schemaVersion;
  }
  if (
    lastMigrationAt !== undefined &&
    lastMigrationAt.getTime() !== record.lastMigrationAt?.getTime()
  ) {
    edits.lastMigrationAt = lastMigrationAt;
  }
  if (errorMessage !== undefined && errorMessage !== record.failure?.message) {
    edits.failure = { ...(record.failure ?? failureByHand('')), message: errorMessage };
  }
  return edits;
}

/** The failure of a database that nobody but a person says has failed. */
export function failureByHand(message: string): Failure {
  return { code: 'SET_BY_HAND', message };
}
