import { z } from 'zod';
import { Criteria, type PaginatedResult } from '../../domain/criteria.ts';
import type { TenantDatabaseReadRepository } from '../../ports/tenant-database-read-repository.ts';
import { parseInput } from '../parse-input.ts';
import type { TenantDatabaseViewModel } from '../view-models/tenant-database-view-model.ts';

export const FindTenantDatabasesByCriteriaQuery = z.strictObject({ criteria: Criteria });
export type FindTenantDatabasesByCriteriaQuery = z.input<typeof FindTenantDatabasesByCriteriaQuery>;

type Needs = { readonly readModel: Pick<TenantDatabaseReadRepository, 'findByCriteria'> };

/**
 * One page of the read model, which has no deleted ones. Throws `INVALID_INPUT`; for an unknown field or
 * operator it lists the known ones.
 */
export async function findTenantDatabasesByCriteria(
  { readModel }: Needs,
  query: FindTenantDatabasesByCriteriaQuery,
): Promise<PaginatedResult<TenantDatabaseViewModel>> {
  const { criteria } = parseInput(FindTenantDatabasesByCriteriaQuery, query);
  return readModel.findByCriteria(criteria);
}
