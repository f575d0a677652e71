import { Problem } from './errors.ts';
import type { Failure } from './failure.ts';
import { TenantDatabaseSchemaVersion } from './schema-version.ts';
import type { TenantDatabaseChange, TenantDatabaseEvent } from './tenant-database-events.ts';
import {
  defaultDatabaseName,
  defaultReadDatabaseName,
  type TenantDatabaseName,
  type TenantReadDatabaseName,
} from './tenant-database-name.ts';
import { TenantDatabasePrimitives, type TenantDatabaseId } from './tenant-database-primitives.ts';
import {
  deletableStatuses,
  targetsOf,
  transitionsFrom,
  type TenantDatabaseStatusEnum,
  type Transition,
} from './tenant-database-status.ts';
import type { Tenant } from './tenant.ts';
import type { Operation, Work } from './work.ts';

type New = {
  readonly id: TenantDatabaseId;
  readonly tenant: Pick<Tenant, 'id' | 'slug'>;
  readonly server: string;
  readonly databaseName?: TenantDatabaseName | undefined;
  readonly readDatabaseName?: TenantReadDatabaseName | undefined;
  readonly work?: Work | undefined;
  readonly now: Date;
};

/** What `update` may set; `status` only along the transitions that are legal by hand. */
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

/**
 * A tenant's database over its whole life. Each method is one legal transition of
 * tenant-database-status.ts and throws `ILLEGAL_TRANSITION` otherwise; each change raises the revision
 * by one and records an event that `pullEvents` hands over once.
 */
export class TenantDatabaseAggregate {
  #state: TenantDatabasePrimitives;
  /** The revision and claim that are stored: what a save is guarded by. */
  #stored: Pick<TenantDatabasePrimitives, 'revision' | 'work'> | null;
  #events: TenantDatabaseEvent[] = [];

  private constructor(state: TenantDatabasePrimitives, stored: boolean) {
    this.#state = state;
    this.#stored = stored ? { revision: state.revision, work: state.work } : null;
  }

  /** A new record: PROVISIONING, named `tenant_<tenantId>` unless told otherwise. */
  static create({ id, tenant, server, databaseName, readDatabaseName, work, now }: New) {
    const name = databaseName ?? defaultDatabaseName(tenant.id);
    const created = new TenantDatabaseAggregate(
      {
        id,
        tenantId: tenant.id,
        tenantSlug: tenant.slug,
        server,
        databaseName: name,
        readDatabaseName: readDatabaseName ?? defaultReadDatabaseName(name),
        status: 'PROVISIONING',
        statusBeforeSuspension: null,
        schemaVersion: null,
        lastMigrationAt: null,
        failedOperation: null,
        failure: null,
        work: work ?? null,
        revision: 1,
        createdAt: now,
        updatedAt: now,
        deletedAt: null,
      },
      false,
    );
    created.#events.push({
      type: 'TenantDatabaseCreatedEvent',
      at: now,
      database: created.toPrimitives(),
    });
    return created;
  }

  /** A record as it is stored. */
  static fromPrimitives(primitives: TenantDatabasePrimitives): TenantDatabaseAggregate {
    return new TenantDatabaseAggregate(TenantDatabasePrimitives.parse(primitives), true);
  }

  toPrimitives(): TenantDatabasePrimitives {
    return structuredClone(this.#state);
  }

  get id() {
    return this.#state.id;
  }
  get tenantId() {
    return this.#state.tenantId;
  }
  get tenantSlug() {
    return this.#state.tenantSlug;
  }
  get server() {
    return this.#state.server;
  }
  get databaseName() {
    return this.#state.databaseName;
  }
  get readDatabaseName() {
    return this.#state.readDatabaseName;
  }
  get status() {
    return this.#state.status;
  }
  get schemaVersion() {
    return this.#state.schemaVersion;
  }
  get lastMigrationAt() {
    return this.#state.lastMigrationAt;
  }
  get errorMessage(): string | null {
    return this.#state.failure?.message ?? null;
  }
  get failedOperation() {
    return this.#state.failedOperation;
  }
  get failure() {
    return this.#state.failure;
  }
  get work() {
    return this.#state.work;
  }
  get revision() {
    return this.#state.revision;
  }
  get createdAt() {
    return this.#state.createdAt;
  }
  get updatedAt() {
    return this.#state.updatedAt;
  }
  get deletedAt() {
    return this.#state.deletedAt;
  }
  /** What is stored of this record; null when it is new. A save is refused when the store has moved on. */
  get stored() {
    return this.#stored;
  }

  /** The events since the last call, oldest first; handed over once. */
  pullEvents(): readonly TenantDatabaseEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Refuses with `REVISION_CONFLICT` when the sender saw another revision than this one. */
  assertRevision(seen: number | undefined): void {
    if (seen === undefined || seen === this.revision) return;
    throw new Problem('REVISION_CONFLICT', this.tenantSlug, {
      more: `: revision ${seen} then, ${this.revision} and ${this.status} now`,
      facts: { revision: this.revision, status: this.status },
    });
  }

  /** Refuses with `OPERATION_IN_PROGRESS`, naming it, when the database is claimed. */
  assertIdle(): void {
    const { work } = this.#state;
    if (work === null) return;
    const doing = work.kind === 'item' ? 'a run migrates it' : `${work.operation} is under way`;
    throw new Problem('OPERATION_IN_PROGRESS', this.tenantSlug, {
      more: `: ${doing}`,
      facts: { work },
    });
  }

  /** An ACTIVE database is asked to migrate; its status changes when there is something to apply. */
  queueMigration(work: Work, now: Date): void {
    this.#require('migration-started');
    this.#claim(work);
    this.#change('queued', now, {});
  }

  /** FAILED → PROVISIONING or MIGRATING, whichever failed. `NOTHING_TO_RETRY` on any other status. */
  retried(work: (operation: Operation) => Work, now: Date): void {
    const failed = this.#state.failedOperation;
    if (this.status !== 'FAILED' || failed === null) {
      throw new Problem('NOTHING_TO_RETRY', this.tenantSlug, { more: `is ${this.status}` });
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
    const version = schemaVersion === null ? null : TenantDatabaseSchemaVersion.parse(schemaVersion);
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

  /** After a crash: the migration was found rolled back whole, the database is as it was. */
  rolledBack(now: Date): void {
    this.#transition('rolled-back', 'ACTIVE', 'rolled-back', now, { work: null });
  }

  /** The claim of a dead daemon is taken back before anything had changed. */
  released(now: Date): void {
    this.#change('unchanged', now, { work: null });
  }

  /** Provisioning or migrating failed for good: FAILED with the reason. */
  failed(failure: Failure, now: Date): void {
    const failedOperation = this.status === 'PROVISIONING' ? 'provision' : 'migrate';
    this.#transition('failed', 'FAILED', 'failed', now, { work: null, failure, failedOperation });
  }

  /** The claimed work ended without an effect on the status; a version that was unknown is noted. */
  unchanged(schemaVersion: string | null, now: Date): void {
    this.#change('unchanged', now, { ...this.#versioned(schemaVersion), work: null });
  }

  /** Suspending or resuming did not succeed: the status stays as it was, the reason is kept. */
  operationFailed(failure: Failure, now: Date): void {
    this.#change('operation-failed', now, { work: null, failure });
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
    const before = this.#state.statusBeforeSuspension ?? 'ACTIVE';
    this.#transition('resumed', before, 'resumed', now, {
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
        ? { failedOperation: 'provision' as const, failure: byHand(reason) }
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
    const { status, reason = 'edited', now } = props;
    const before = this.#events.length;
    if (status !== undefined && status !== this.status) this.#setStatus(status, reason, now);
    const edits = this.#editsOf(props);
    if (Object.keys(edits).length > 0) this.#change('edited', now, edits, props.reason);
    if (!generateEvent) this.#events.length = before;
  }

  /** Soft deletes: hidden from every read that does not ask for it; the status is kept for an undelete. */
  delete(now: Date, generateEvent = true): void {
    this.#assertNotDeleted();
    this.assertIdle();
    if (!deletableStatuses.includes(this.status)) {
      throw this.#illegal('deleted', `only ${deletableStatuses.join(', ')} may be deleted`);
    }
    this.#set(now, { deletedAt: now });
    if (generateEvent) {
      const database = this.toPrimitives();
      this.#events.push({ type: 'TenantDatabaseDeletedEvent', at: now, database });
    }
  }

  /** Back to the status it had when it was deleted. */
  undelete(now: Date): void {
    if (this.deletedAt === null) throw this.#illegal('undeleted', 'it is not deleted');
    this.#change('restored', now, { deletedAt: null });
  }

  /** May the record be removed for good? Only a deleted one may. */
  assertPurgeable(): void {
    if (this.deletedAt === null) throw this.#illegal('purged', 'it must be deleted first');
    this.assertIdle();
  }

  #setStatus(status: TenantDatabaseStatusEnum, reason: string, now: Date): void {
    if (this.status === 'FAILED' && status === 'ACTIVE') return this.repairedByHand(reason, now);
    if (this.status === 'PROVISIONING' && (status === 'ACTIVE' || status === 'FAILED')) {
      return this.setByHand(status, reason, now);
    }
    throw this.#illegal(`set to ${status}`, this.#legalOnes());
  }

  #editsOf(props: TenantDatabaseUpdate): Partial<TenantDatabasePrimitives> {
    const { readDatabaseName, schemaVersion, lastMigrationAt, errorMessage } = props;
    const failure = this.#state.failure ?? byHand(errorMessage ?? '');
    return {
      ...(readDatabaseName !== undefined && { readDatabaseName }),
      ...(schemaVersion !== undefined && { schemaVersion }),
      ...(lastMigrationAt !== undefined && { lastMigrationAt }),
      ...(errorMessage !== undefined && { failure: { ...failure, message: errorMessage } }),
    };
  }

  #versioned(schemaVersion: string | null): Partial<TenantDatabasePrimitives> {
    if (schemaVersion === null) return {};
    return { schemaVersion: TenantDatabaseSchemaVersion.parse(schemaVersion) };
  }

  #claim(work: Work): void {
    this.#assertNotDeleted();
    if (this.work?.id !== work.id) this.assertIdle();
    this.#state = { ...this.#state, work };
  }

  #assertNotDeleted(): void {
    if (this.deletedAt !== null) throw new Problem('TENANT_DATABASE_DELETED', this.tenantSlug);
  }

  #requireSuspendable(): void {
    if (this.status === 'FAILED' && this.failedOperation === 'provision') {
      throw this.#illegal('suspended', 'its provisioning failed: retry that first');
    }
  }

  #require(transition: Transition): readonly TenantDatabaseStatusEnum[] {
    this.#assertNotDeleted();
    const targets = targetsOf(this.status, transition);
    if (targets.length === 0) throw this.#illegal(transition, this.#legalOnes());
    return targets;
  }

  #legalOnes(): string {
    return `legal now: ${transitionsFrom(this.status).join(', ')}`;
  }

  #illegal(what: string, why: string): Problem {
    return new Problem('ILLEGAL_TRANSITION', this.tenantSlug, {
      more: `is ${this.status} and cannot be ${what} (${why})`,
      facts: { status: this.status, legal: transitionsFrom(this.status) },
    });
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
    if (!targets.includes(to)) throw this.#illegal(transition, this.#legalOnes());
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
    const revision = this.#state.revision + 1;
    this.#state = { ...this.#state, ...edits, revision, updatedAt: now };
  }
}

function byHand(message: string): Failure {
  return { code: 'SET_BY_HAND', message };
}
