import type { TenantViewModel } from '../application/view-models/tenant-view-model.ts';
import type { PaginatedResult } from '../domain/criteria.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { AuditRecord } from './tenant-database-write-repository.ts';

export type TenantSearch = {
  /** Part of slug or name, or the id. */
  readonly search?: string | undefined;
  readonly withoutDatabase?: boolean | undefined;
  readonly page: number;
  readonly limit: number;
};

/** Tenants, in the master database. */
export interface TenantRepository {
  /** By UUID or slug. */
  find(idOrSlug: string): Promise<Tenant | null>;
  /** Throws `TENANT_EXISTS` when id or slug is taken. Writes a `TenantCreatedEvent` and the audit entry along. */
  create(tenant: Tenant, audit: AuditRecord): Promise<void>;
  search(search: TenantSearch): Promise<PaginatedResult<TenantViewModel>>;
}
