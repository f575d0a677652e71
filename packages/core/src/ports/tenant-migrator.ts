import type { Failure } from '../domain/failure.ts';
import type { FrozenMigration } from '../domain/migration-run.ts';

export type MigrateTarget = {
  readonly server: string;
  readonly databaseName: string;
  /** The id of the work: the session's application_name, and how it is found when its daemon dies. */
  readonly workId: string;
  /** Only these, and with these checksums; absent: whatever the folder holds now. */
  readonly frozen?: readonly FrozenMigration[] | undefined;
  /** Go on with a migration that we ran statement by statement and that failed, at the statement that failed. */
  readonly resumePartial?: boolean | undefined;
};

export type MigrateHooks = {
  /** Something is pending and is about to be applied; the migrator waits for it. */
  readonly onPending: (pending: readonly string[]) => Promise<void>;
  readonly onStep?: (step: { migration: string; index: number; total: number }) => void;
};

/**
 * How it ended. `transient`: not a failure of the tenant (a lock, a connection, a full server); whoever asked
 * tries again later. In `failed` and `transient` nothing of the named migration is left in the database,
 * unless the code is `MIGRATION_PARTIAL`; `reached` is the newest one that is applied, where that has changed.
 */
export type MigrateOutcome =
  | { readonly kind: 'unchanged'; readonly version: string | null }
  | { readonly kind: 'migrated'; readonly version: string; readonly applied: readonly string[] }
  | { readonly kind: 'failed' | 'transient'; readonly failure: Failure; readonly reached?: string };

/** Applies Prisma migration folders to one tenant database and keeps Prisma's ledger. */
export interface TenantMigrator {
  /**
   * The migrations on disk, in order. Throws `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`,
   * `MIGRATION_FILE_MISSING`; and `MIGRATION_REFUSED` when the file of one that `willRun` picks is not fit for it.
   */
  migrationsOnDisk(willRun?: (name: string) => boolean): Promise<readonly FrozenMigration[]>;
  /** Never throws for what a tenant database or its server can do. */
  migrate(target: MigrateTarget, hooks: MigrateHooks): Promise<MigrateOutcome>;
  /** Ends every session that works under this id: a daemon that is gone must not hold the lock or commit. */
  endSessions(server: string, workId: string): Promise<void>;
}
