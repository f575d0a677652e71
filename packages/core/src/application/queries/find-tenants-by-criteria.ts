import { z } from 'zod';
import { Pagination, type PaginatedResult } from '../../domain/criteria.ts';
import type { TenantRepository } from '../../ports/tenant-repository.ts';
import { optional, parseInput } from '../parse-input.ts';
import type { TenantViewModel } from '../view-models/tenant-view-model.ts';

/** `search` is a part of slug or name, or the id. */
export const FindTenantsByCriteriaQuery = z.strictObject({
  search: optional(
    z
      .string()
      .max(200)
      .refine((text) => !text.includes('\0'), 'must not contain a NUL'),
  ),
  withoutDatabase: optional(z.boolean()),
  pagination: optional(Pagination),
});
export type FindTenantsByCriteriaQuery = z.input<typeof FindTenantsByCriteriaQuery>;

type Needs = { readonly tenants: Pick<TenantRepository, 'search'> };

/** One page of the tenants of the master database, by slug. Throws `INVALID_INPUT`. */
export async function findTenantsByCriteria(
  { tenants }: Needs,
  query: FindTenantsByCriteriaQuery,
): Promise<PaginatedResult<TenantViewModel>> {
  const { search, withoutDatabase, pagination } = parseInput(FindTenantsByCriteriaQuery, query);
  return tenants.search({ search, withoutDatabase, ...(pagination ?? { page: 1, limit: 20 }) });
}
