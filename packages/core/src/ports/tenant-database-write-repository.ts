import type { TenantDatabaseAggregate } from '../domain/tenant-database.ts';
import type { ItemOutcome } from '../domain/migration-run.ts';
import type { Operation } from '../domain/work.ts';

/** Who gave a command, for the audit trail. */
export type Principal = {
  /** `unix:uid=1000`, `token:<id>`, `system`. */
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly requestId?: string | undefined;
};

/** One row of the audit trail; `arguments` never holds a secret. */
export type AuditRecord = {
  readonly principal: Principal;
  readonly command: string;
  readonly subjectId: string | null;
  readonly arguments: Readonly<Record<string, unknown>>;
};

/** What is written in the same transaction as the record. */
export type Along = {
  readonly audit?: AuditRecord | undefined;
  /** Work starts: its job is queued; `jobId` is the id of the record's claim. */
  readonly startJob?:
    | { readonly jobId: string; readonly operation: Operation; readonly tenantDatabaseId: string }
    | undefined;
  /** Work ends: the operation's job is completed. */
  readonly completeJob?: { readonly jobId: string } | undefined;
  /** Work ends: the run's item is settled; refused when `attempt` is no longer the item's. */
  readonly settleItem?:
    | { readonly itemId: string; readonly attempt: number; readonly outcome: ItemOutcome }
    | undefined;
};

/**
 * The write side, on the master database.
 *
 * `save` writes record, job, item, audit entry and numbered events in one transaction, the events last;
 * it is guarded by the revision and the claim that were loaded, and throws `REVISION_CONFLICT` when the
 * store has moved on. A new record throws `TENANT_DATABASE_TENANT_ID_EXISTS` when the tenant has one, and
 * `DATABASE_NAME_TAKEN` when another record on the server has the name. The aggregate that is returned is the
 * stored one; the one passed in must not be used again.
 */
export interface TenantDatabaseWriteRepository {
  findById(id: string): Promise<TenantDatabaseAggregate | null>;
  /** As specified an array; it holds one at most, because `tenantId` is unique. Deleted ones too. */
  findByTenantId(tenantId: string): Promise<TenantDatabaseAggregate[] | null>;
  save(tenantDatabase: TenantDatabaseAggregate, along?: Along): Promise<TenantDatabaseAggregate>;
  /**
   * Takes up claimed work: raises the claim's attempt and returns the record, or null when the record is
   * no longer claimed for this work. No event, no revision: nothing that anyone sees has changed.
   */
  takeUpWork(tenantDatabaseId: string, workId: string): Promise<TenantDatabaseAggregate | null>;
  /** Removes the record for good; true when there was one. */
  delete(id: string): Promise<boolean>;
}
