import { Problem } from './errors.ts';
import type { TenantDatabasePrimitives } from './tenant-database-primitives.ts';
import { transitionsFrom, type Transition } from './tenant-database-status.ts';

/** How a sentence names what may happen to a database. */
const verbOf: Readonly<Record<Transition, string>> = {
  provisioned: 'provisioned',
  failed: 'failed',
  'migration-started': 'migrated',
  migrated: 'migrated',
  'rolled-back': 'rolled back',
  retried: 'retried',
  'repaired-by-hand': 'repaired by hand',
  'set-by-hand': 'set by hand',
  suspended: 'suspended',
  resumed: 'resumed',
};

/** What a tenant database's record says, and what it refuses for what it says. */
export class TenantDatabaseRecord {
  protected state: TenantDatabasePrimitives;

  protected constructor(state: TenantDatabasePrimitives) {
    this.state = state;
  }

  /** A copy: changing it changes nothing here. */
  toPrimitives(): TenantDatabasePrimitives {
    return structuredClone(this.state);
  }

  get id() {
    return this.state.id;
  }
  get tenantId() {
    return this.state.tenantId;
  }
  get tenantSlug() {
    return this.state.tenantSlug;
  }
  get server() {
    return this.state.server;
  }
  get databaseName() {
    return this.state.databaseName;
  }
  get readDatabaseName() {
    return this.state.readDatabaseName;
  }
  get status() {
    return this.state.status;
  }
  get schemaVersion() {
    return this.state.schemaVersion;
  }
  get lastMigrationAt() {
    return this.state.lastMigrationAt;
  }
  get errorMessage(): string | null {
    return this.state.failure?.message ?? null;
  }
  get failedOperation() {
    return this.state.failedOperation;
  }
  get failure() {
    return this.state.failure;
  }
  get work() {
    return this.state.work;
  }
  get revision() {
    return this.state.revision;
  }
  get createdAt() {
    return this.state.createdAt;
  }
  get updatedAt() {
    return this.state.updatedAt;
  }
  get deletedAt() {
    return this.state.deletedAt;
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
    const { work } = this.state;
    if (work === null) return;
    const doing = work.kind === 'item' ? 'a run migrates it' : `${work.operation} is under way`;
    throw new Problem('OPERATION_IN_PROGRESS', this.tenantSlug, {
      more: `: ${doing}`,
      facts: { work },
    });
  }

  /** Refuses with `TENANT_DATABASE_DELETED`. */
  assertNotDeleted(): void {
    if (this.deletedAt !== null) throw new Problem('TENANT_DATABASE_DELETED', this.tenantSlug);
  }

  /** `ILLEGAL_TRANSITION`: what was wanted, and what is legal instead. */
  protected illegal(wanted: Transition): Problem {
    return this.refusal(verbOf[wanted], this.legalNow());
  }

  protected legalNow(): string {
    return `legal now: ${this.#legal.map((transition) => verbOf[transition]).join(', ')}`;
  }

  /** What an operator may do next about a database that is not in the status that was expected. */
  protected wayOn(): string {
    switch (this.status) {
      case 'PROVISIONING':
      case 'MIGRATING':
        return `Wait for it to end: tenantctl get ${this.tenantSlug}`;
      case 'FAILED':
        return `Remove the cause, then: tenantctl retry ${this.tenantSlug}`;
      case 'SUSPENDED':
        return `Open it again with: tenantctl resume ${this.tenantSlug}`;
      case 'ACTIVE':
        return `See it with: tenantctl get ${this.tenantSlug}`;
    }
  }

  /** Without a database there is nothing to suspend. */
  get #legal(): readonly Transition[] {
    const legal = transitionsFrom(this.status);
    return this.failedOperation === 'provision'
      ? legal.filter((transition) => transition !== 'suspended')
      : legal;
  }

  /** `ILLEGAL_TRANSITION`: what was wanted, and why not. */
  protected refusal(wanted: string, why: string): Problem {
    return new Problem('ILLEGAL_TRANSITION', this.tenantSlug, {
      more: `is ${this.status} and cannot be ${wanted} (${why})`,
      help: this.wayOn(),
      facts: { status: this.status, legal: this.#legal },
    });
  }
}
