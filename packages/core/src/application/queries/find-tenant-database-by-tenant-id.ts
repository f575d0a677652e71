import { z } from 'zod';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { TenantDatabaseWriteRepository } from '../../ports/tenant-database-write-repository.ts';
import type { TenantRepository } from '../../ports/tenant-repository.ts';
import { TenantIdOrSlug } from '../asserts.ts';
import { parseInput } from '../parse-input.ts';

export const FindTenantDatabaseByTenantIdQuery = z.strictObject({ tenantId: TenantIdOrSlug });
export type FindTenantDatabaseByTenantIdQuery = z.input<typeof FindTenantDatabaseByTenantIdQuery>;

type Needs = {
  readonly tenants: Pick<TenantRepository, 'find'>;
  readonly databases: Pick<TenantDatabaseWriteRepository, 'findByTenantId'>;
};

/** The tenant's record, current; null when there is no such tenant, no database, or a deleted one. */
export async function findTenantDatabaseByTenantId(
  { tenants, databases }: Needs,
  query: FindTenantDatabaseByTenantIdQuery,
): Promise<TenantDatabaseAggregate | null> {
  const { tenantId } = parseInput(FindTenantDatabaseByTenantIdQuery, query);
  const tenant = await tenants.find(tenantId);
  if (tenant === null) return null;
  const database = (await databases.findByTenantId(tenant.id))?.[0];
  return database === undefined || database.deletedAt !== null ? null : database;
}
