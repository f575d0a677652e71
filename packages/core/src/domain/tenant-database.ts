import { Problem } from './errors.ts';
import type { Failure } from './failure.ts';
import { TenantDatabaseSchemaVersion } from './schema-version.ts';
import type { TenantDatabaseChange, TenantDatabaseEvent } from './tenant-database-events.ts';
import { newTenantDatabase, type NewTenantDatabase } from './new-tenant-database.ts';
import { defaultReadDatabaseName, type TenantDatabaseName } from './tenant-database-name.ts';
import { TenantDatabasePrimitives } from './tenant-database-primitives.ts';
import { TenantDatabaseRecord } from './tenant-database-record.ts';
import {
  deletableStatuses,
  targetsOf,
  type TenantDatabaseStatusEnum,
  type Transition,
} from './tenant-database-status.ts';
import { editsOf, failureByHand, type TenantDatabaseUpdate } from './tenant-database-update.ts';
import type { Operation, Work } from './work.ts';

/**
 * A tenant's database over its whole life. Each method is one legal transition of
 * tenant-database-status.ts and throws `ILLEGAL_TRANSITION` otherwise; each change raises the revision
 * by one and records an event that `pullEvents` hands over once.
 */
export class TenantDatabaseAggregate extends TenantDatabaseRecord {
  /** The revision and claim that are stored: what a save is guarded by. */
  readonly #stored: Pick<TenantDatabasePrimitives, 'revision' | 'work'> | null;
  #events: TenantDatabaseEvent[] = [];

  private constructor(state: TenantDatabasePrimitives, stored: boolean) {
    super(state);
    this.#stored = stored ? { revision: state.revision, work: state.work } : null;
  }

  /** A new record: PROVISIONING, named `tenant_<tenantId>` unless told otherwise. */
  static create(given: NewTenantDatabase): TenantDatabaseAggregate {
    const created = new TenantDatabaseAggregate(newTenantDatabase(given), false);
    created.#events.push({
      type: 'TenantDatabaseCreatedEvent',
      at: given.now,
      database: created.toPrimitives(),
    });
    return created;
  }

  /** A record as it is stored. */
  static fromPrimitives(primitives: TenantDatabasePrimitives): TenantDatabaseAggregate {
    return new TenantDatabaseAggregate(TenantDatabasePrimitives.parse(primitives), true);
  }

  /** What is stored of this record; null when it is new. A save is refused when the store has moved on. */
  get stored() {
    return this.#stored;
  }

  /** The events that wait to be stored, oldest first. A save that fails leaves them here for its repetition. */
  get pendingEvents(): readonly TenantDatabaseEvent[] {
    return this.#events;
  }

  /** The events since the last call, oldest first; handed over once. */
  pullEvents(): readonly TenantDatabaseEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** An ACTIVE database is asked to migrate; its status changes when there is something to apply. */
  queueMigration(work: Work, now: Date): void {
    this.#require('migration-started');
    this.#claim(work);
    this.#change('queued', now, {});
  }

  /** FAILED → PROVISIONING or MIGRATING, whichever failed. `NOTHING_TO_RETRY` on any other status. */
  retried(work: (operation: Operation) => Work, now: Date): void {
    const failed = this.state.failedOperation;
    if (this.status !== 'FAILED' || failed === null) {
      throw new Problem('NOTHING_TO_RETRY', this.tenantSlug, {
        more: `is ${this.status}, so there is nothing to retry`,
        ...(this.status !== 'ACTIVE' && { help: this.wayOn() }),
      });
    }
    this.#claim(work(failed));
    const cleared = { failure: null, failedOperation: null };
    if (failed === 'provision') {
      this.#transition('retried', 'PROVISIONING', 'provisioning-started', now, cleared);
    } else {
      this.#transition('retried', 'MIGRATING', 'migration-started', now, cleared);
    }
  }

  /** The database exists, is migrated to `schemaVersion` and open to its tenant. */
  provisioned(schemaVersion: string | null, now: Date): void {
    const version =
      schemaVersion === null ? null : TenantDatabaseSchemaVersion.parse(schemaVersion);
    this.#transition('provisioned', 'ACTIVE', 'provisioned', now, {
      work: null,
      failure: null,
      failedOperation: null,
      schemaVersion: version,
      lastMigrationAt: version === null ? null : now,
    });
  }

  /** There is something to apply, and it is about to be. */
  migrationStarted(now: Date): void {
    this.#transition('migration-started', 'MIGRATING', 'migration-started', now, {});
  }

  migrated(schemaVersion: string | null, now: Date): void {
    this.#transition('migrated', 'ACTIVE', 'migrated', now, {
      ...this.#versioned(schemaVersion),
      work: null,
      failure: null,
      failedOperation: null,
      lastMigrationAt: now,
    });
  }

  /**
   * The migration was rolled back whole, after a crash or because something was in the way. `reached`: the
   * newest of those before it that did get through.
   */
  rolledBack(now: Date, reached?: string): void {
    const edits = { ...this.#versioned(reached ?? null), work: null };
    this.#transition('rolled-back', 'ACTIVE', 'rolled-back', now, edits);
  }

  /** The claim of a dead daemon is taken back before anything had changed. */
  released(now: Date): void {
    this.#change('unchanged', now, { work: null });
  }

  /** Provisioning or migrating failed for good: FAILED with the reason, at the version it has `reached`. */
  failed(failure: Failure, now: Date, reached?: string): void {
    const failedOperation = this.status === 'PROVISIONING' ? 'provision' : 'migrate';
    this.#transition('failed', 'FAILED', 'failed', now, {
      ...this.#versioned(reached ?? null),
      work: null,
      failure,
      failedOperation,
    });
  }

  /** The claimed work ended without an effect on the status; a version that was unknown is noted. */
  unchanged(schemaVersion: string | null, now: Date): void {
    const version = this.#versioned(schemaVersion);
    this.#change('unchanged', now, { ...version, ...this.#reasonOver(), work: null });
  }

  /**
   * Suspending or resuming did not succeed: the status stays as it was. The event has the reason, and so
   * has the record, unless it still says why a migration failed.
   */
  operationFailed(failure: Failure, now: Date): void {
    const kept = this.failedOperation === null ? { failure } : {};
    this.#change('operation-failed', now, { ...kept, work: null }, failure.message);
  }

  /** An ACTIVE, or FAILED (of migrate), database is asked to shut its doors. */
  queueSuspension(work: Work, now: Date): void {
    this.#require('suspended');
    this.#requireSuspendable();
    this.#claim(work);
    this.#change('queued', now, {});
  }

  /** No connection gets in any more, and none is left. */
  suspended(now: Date): void {
    this.#requireSuspendable();
    const before = this.status === 'FAILED' ? 'FAILED' : 'ACTIVE';
    this.#transition('suspended', 'SUSPENDED', 'suspended', now, {
      ...this.#reasonOver(),
      work: null,
      statusBeforeSuspension: before,
    });
  }

  queueResumption(work: Work, now: Date): void {
    this.#require('resumed');
    this.#claim(work);
    this.#change('queued', now, {});
  }

  /** SUSPENDED → the status it had. */
  resumed(now: Date): void {
    const before = this.state.statusBeforeSuspension ?? 'ACTIVE';
    this.#transition('resumed', before, 'resumed', now, {
      ...this.#reasonOver(),
      work: null,
      statusBeforeSuspension: null,
    });
  }

  /** An admin says, with a reason, that a FAILED database is in order. */
  repairedByHand(reason: string, now: Date): void {
    this.assertIdle();
    const cleared = { failure: null, failedOperation: null };
    this.#transition('repaired-by-hand', 'ACTIVE', 'edited', now, cleared, reason);
  }

  /** An admin says, with a reason, what became of a PROVISIONING database that nobody works on. */
  setByHand(status: 'ACTIVE' | 'FAILED', reason: string, now: Date): void {
    this.assertIdle();
    const failed =
      status === 'FAILED'
        ? { failedOperation: 'provision' as const, failure: failureByHand(reason) }
        : { failedOperation: null, failure: null };
    this.#transition('set-by-hand', status, 'edited', now, failed, reason);
  }

  renamed(databaseName: TenantDatabaseName, now: Date): void {
    this.#change('renamed', now, {
      databaseName,
      readDatabaseName: defaultReadDatabaseName(databaseName),
      work: null,
    });
  }

  /**
   * Edits the record, as specified. A status is only set along the transitions that are legal by hand
   * (with a reason); the same status again is no change. Nothing to change: no event, no revision.
   */
  update(props: TenantDatabaseUpdate, generateEvent = true): void {
    this.assertNotDeleted();
    const { status, reason = 'edited', now } = props;
    const before = this.#events.length;
    if (status !== undefined && status !== this.status) this.#setStatus(status, reason, now);
    const edits = editsOf(this.state, props);
    if (Object.keys(edits).length > 0) this.#change('edited', now, edits, props.reason);
    if (!generateEvent) this.#events.length = before;
  }

  /** Soft deletes: hidden from every read that does not ask for it; the status is kept for an undelete. */
  delete(now: Date, generateEvent = true): void {
    this.assertNotDeleted();
    this.assertIdle();
    if (!deletableStatuses.includes(this.status)) {
      throw this.refusal('deleted', `only ${deletableStatuses.join(', ')} may be deleted`);
    }
    this.#set(now, { deletedAt: now });
    if (generateEvent) {
      const database = this.toPrimitives();
      this.#events.push({ type: 'TenantDatabaseDeletedEvent', at: now, database });
    }
  }

  /** Back to the status it had when it was deleted. */
  undelete(now: Date): void {
    if (this.deletedAt === null) throw this.refusal('undeleted', 'it is not deleted');
    this.#change('restored', now, { deletedAt: null });
  }

  /** May the record be removed for good? Only a deleted one may. */
  assertPurgeable(): void {
    if (this.deletedAt === null) throw this.refusal('purged', 'it must be deleted first');
    this.assertIdle();
  }

  #setStatus(status: TenantDatabaseStatusEnum, reason: string, now: Date): void {
    if (this.status === 'FAILED' && status === 'ACTIVE') return this.repairedByHand(reason, now);
    if (this.status === 'PROVISIONING' && (status === 'ACTIVE' || status === 'FAILED')) {
      return this.setByHand(status, reason, now);
    }
    throw this.refusal(`set to ${status}`, this.legalNow());
  }

  #versioned(schemaVersion: string | null): Partial<TenantDatabasePrimitives> {
    if (schemaVersion === null) return {};
    return { schemaVersion: TenantDatabaseSchemaVersion.parse(schemaVersion) };
  }

  /** Work went well: why an earlier suspension or resumption did not is of no interest any more. */
  #reasonOver(): Partial<TenantDatabasePrimitives> {
    return this.failedOperation === null ? { failure: null } : {};
  }

  #claim(work: Work): void {
    this.assertNotDeleted();
    if (this.work?.id !== work.id) this.assertIdle();
    this.state = { ...this.state, work };
  }

  #requireSuspendable(): void {
    if (this.status === 'FAILED' && this.failedOperation === 'provision') {
      throw this.refusal('suspended', 'its provisioning failed: retry that first');
    }
  }

  #require(transition: Transition): readonly TenantDatabaseStatusEnum[] {
    this.assertNotDeleted();
    const targets = targetsOf(this.status, transition);
    if (targets.length === 0) throw this.illegal(transition);
    return targets;
  }

  #transition(
    transition: Transition,
    to: TenantDatabaseStatusEnum,
    change: TenantDatabaseChange,
    now: Date,
    edits: Partial<TenantDatabasePrimitives>,
    reason?: string,
  ): void {
    const targets = this.#require(transition);
    if (!targets.includes(to)) throw this.illegal(transition);
    this.#change(change, now, { ...edits, status: to }, reason);
  }

  #change(
    change: TenantDatabaseChange,
    now: Date,
    edits: Partial<TenantDatabasePrimitives>,
    reason?: string,
  ): void {
    this.#set(now, edits);
    this.#events.push({
      type: 'TenantDatabaseUpdatedEvent',
      change,
      at: now,
      database: this.toPrimitives(),
      ...(reason !== undefined && { reason }),
    });
  }

  #set(now: Date, edits: Partial<TenantDatabasePrimitives>): void {
    const revision = this.state.revision + 1;
    this.state = { ...this.state, ...edits, revision, updatedAt: now };
  }
}
