import { z } from 'zod';
import { Pagination, type PaginatedResult } from '../../domain/criteria.ts';
import { MigrationRunItemState } from '../../domain/migration-run.ts';
import type { MigrationRunRepository } from '../../ports/migration-run-repository.ts';
import { optional, parseInput } from '../parse-input.ts';
import type { MigrationRunItemViewModel } from '../view-models/migration-run-view-model.ts';
import { findMigrationRunById, RunIdOrNumber } from './find-migration-run-by-id.ts';

/** `runId` is a run's UUID or number. */
export const FindMigrationRunItemsQuery = z.strictObject({
  runId: RunIdOrNumber,
  state: optional(MigrationRunItemState),
  pagination: optional(Pagination),
});
export type FindMigrationRunItemsQuery = z.input<typeof FindMigrationRunItemsQuery>;

type Needs = { readonly runs: Pick<MigrationRunRepository, 'find' | 'items'> };

/** One page of a run's items, those that need attention first. Throws `INVALID_INPUT`, `RUN_NOT_FOUND`. */
export async function findMigrationRunItems(
  { runs }: Needs,
  query: FindMigrationRunItemsQuery,
): Promise<PaginatedResult<MigrationRunItemViewModel>> {
  const { runId, state, pagination } = parseInput(FindMigrationRunItemsQuery, query);
  const run = await findMigrationRunById({ runs }, { id: runId });
  return runs.items({ runId: run.id, state, ...(pagination ?? { page: 1, limit: 20 }) });
}
