import type {
  MigrationRunItemViewModel,
  MigrationRunViewModel,
} from '../application/view-models/migration-run-view-model.ts';
import type { PaginatedResult } from '../domain/criteria.ts';
import type { TenantDatabaseAggregate } from '../domain/tenant-database.ts';
import type { FrozenMigration, MigrationRunItemState } from '../domain/migration-run.ts';
import type { AuditRecord } from './tenant-database-write-repository.ts';

export type NewRun = {
  readonly id: string;
  readonly targetVersion: string;
  readonly migrations: readonly FrozenMigration[];
  readonly includeFailed: boolean;
  readonly startedBy: string;
  readonly reason: string | null;
  readonly now: Date;
};

/** An item in the hands of a lane: nobody else works on it while its attempt is the newest. */
export type ClaimedItem = {
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly tenantDatabase: TenantDatabaseAggregate;
};

/** One of the places on a server, and the lease under which a daemon has it (the lane's job). */
export type Lane = {
  readonly server: string;
  readonly lane: number;
  readonly daemonId: string;
  readonly jobId: string;
};

/** Runs and their items, in the master database. */
export interface MigrationRunRepository {
  /**
   * Starts a run: freezes migrations and items (ACTIVE databases, FAILED-of-migrate ones if asked, others
   * skipped with their reason). Throws `RUN_IN_PROGRESS` when one is running or paused.
   */
  start(run: NewRun, audit: AuditRecord): Promise<MigrationRunViewModel>;
  /** By id or number. */
  find(idOrNumber: string): Promise<MigrationRunViewModel | null>;
  newest(limit: number): Promise<readonly MigrationRunViewModel[]>;
  /** The run that is running or paused. */
  current(): Promise<MigrationRunViewModel | null>;
  items(search: {
    readonly runId: string;
    readonly state?: MigrationRunItemState | undefined;
    readonly page: number;
    readonly limit: number;
  }): Promise<PaginatedResult<MigrationRunItemViewModel>>;
  /** The migrations a run froze, in order. */
  frozen(runId: string): Promise<readonly FrozenMigration[]>;
  /** Servers of the current run with work left, and how many lanes each may have. */
  serversWithWork(): Promise<readonly { readonly server: string; readonly lanes: number }[]>;
  /**
   * Claims the next pending item of this server for the lane, and its database with it; null when none is
   * claimable now, or the lease has passed to another daemon. Never hands out one item, or one database, twice.
   */
  claim(lane: Lane): Promise<ClaimedItem | null>;
  /**
   * Items that the store says this lane is working on: at its start, what a dead predecessor left. None when the
   * lease has passed to another daemon.
   */
  heldBy(lane: Lane): Promise<readonly { readonly itemId: string }[]>;
  /**
   * Puts those items back and frees their databases: ACTIVE again (`rolled-back`) when they were MIGRATING.
   * Whether a migration got through before the crash the tenant's ledger says at the next try. Returns how many.
   */
  putBack(lane: Lane): Promise<number>;
  /** Settles an item whose database record does not change; false when the attempt is no longer ours. */
  settleUnchanged(item: ClaimedItem): Promise<boolean>;
  /** Ends the current run when no item is pending or running; the run when this call ended it. */
  endIfDone(now: Date): Promise<MigrationRunViewModel | null>;
  /** Items ended in the last `seconds`. */
  endedWithin(runId: string, seconds: number): Promise<number>;
}
