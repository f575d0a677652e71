import type { TenantCreatedEvent, TenantDatabaseEvent } from '../domain/tenant-database-events.ts';
import type { MigrationRunViewModel } from '../application/view-models/migration-run-view-model.ts';

/** A fact about a run: it carries the run as it was then. */
export type MigrationRunEvent = {
  readonly type: 'MigrationRunStartedEvent' | 'MigrationRunEndedEvent' | 'MigrationRunUpdatedEvent';
  readonly at: Date;
  readonly run: MigrationRunViewModel;
};

export type FleetEvent = TenantDatabaseEvent | TenantCreatedEvent | MigrationRunEvent;

/** An event with its place in the order of commits. */
export type NumberedEvent = { readonly seq: number; readonly event: FleetEvent };

/**
 * The outbox, as it is read. Number order is commit order, so whoever has seen everything up to `seq`
 * misses nothing by asking for what is after it.
 */
export interface EventLog {
  /** Changes when history was replaced (a restore): numbers of another epoch mean nothing. */
  epoch(): Promise<string>;
  /** The newest number; 0 when there is none. */
  head(): Promise<number>;
  /** The oldest number that is still kept; 0 when nothing was ever dropped. */
  oldest(): Promise<number>;
  after(seq: number, limit: number): Promise<readonly NumberedEvent[]>;
  /** Calls `wake` when there may be something new: a hint, sometimes late, sometimes in vain. Returns how to stop. */
  onHint(wake: () => void): () => void;
}

/** Keeps the outbox from growing for ever. */
export interface EventRetention {
  /**
   * Drops the events from before `at` and returns how many. The newest one always stays, so that `head` never
   * goes back, and so does everything after the first event that is kept.
   */
  dropBefore(at: Date): Promise<number>;
}
