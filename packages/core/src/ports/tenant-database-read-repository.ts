import type { TenantDatabaseViewModel } from '../application/view-models/tenant-database-view-model.ts';
import type { Criteria, PaginatedResult } from '../domain/criteria.ts';

/** What an event does to the read model. */
export type ViewChange =
  | { readonly kind: 'save'; readonly view: TenantDatabaseViewModel; readonly seq: number }
  | { readonly kind: 'delete'; readonly id: string; readonly seq: number };

/**
 * The read side. It follows the events, so it may lag behind the records by moments.
 *
 * Writes are guarded by sequence: an older event never overwrites a newer one, nor brings back what a newer one
 * deleted. Doing the same again has no effect.
 *
 * `findByCriteria` orders text by its bytes and nulls before everything, and ties by id, ascending. `NOT_EQUALS`
 * holds for nulls. It throws `INVALID_INPUT` for a value that the field cannot have (domain/criteria-condition.ts).
 */
export interface TenantDatabaseReadRepository {
  findById(id: string): Promise<TenantDatabaseViewModel | null>;
  findByTenantId(tenantId: string): Promise<TenantDatabaseViewModel[] | null>;
  findByCriteria(criteria: Criteria): Promise<PaginatedResult<TenantDatabaseViewModel>>;
  save(view: TenantDatabaseViewModel, seq: number): Promise<void>;
  /** True when the view was there and is gone. */
  delete(id: string, seq: number): Promise<boolean>;
  /** Many at once, at most one per record, deletions first. */
  apply(changes: readonly ViewChange[]): Promise<void>;
  /** How far the projection has come; 0 at first. Kept in this same store. */
  cursor(): Promise<number>;
  saveCursor(seq: number): Promise<void>;
}
