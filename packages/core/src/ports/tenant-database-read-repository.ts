import type { TenantDatabaseViewModel } from '../application/view-models/tenant-database-view-model.ts';
import type { Criteria, PaginatedResult } from '../domain/criteria.ts';

/**
 * The read side. It follows the events, so it may lag behind the records by moments.
 * `save` and `delete` are guarded by sequence: an older event never overwrites a newer one.
 */
export interface TenantDatabaseReadRepository {
  findById(id: string): Promise<TenantDatabaseViewModel | null>;
  findByTenantId(tenantId: string): Promise<TenantDatabaseViewModel[] | null>;
  findByCriteria(criteria: Criteria): Promise<PaginatedResult<TenantDatabaseViewModel>>;
  save(view: TenantDatabaseViewModel, seq: number): Promise<void>;
  delete(id: string, seq: number): Promise<boolean>;
  /** How far the projection has come; 0 at first. Kept in this same store. */
  cursor(): Promise<number>;
  saveCursor(seq: number): Promise<void>;
}
