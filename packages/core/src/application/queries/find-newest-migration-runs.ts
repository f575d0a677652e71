import { z } from 'zod';
import type { MigrationRunRepository } from '../../ports/migration-run-repository.ts';
import { optional, parseInput } from '../parse-input.ts';
import type { MigrationRunViewModel } from '../view-models/migration-run-view-model.ts';

/** `limit` is 20 unless given. */
export const FindNewestMigrationRunsQuery = z.strictObject({
  limit: optional(z.int().min(1).max(500)),
});
export type FindNewestMigrationRunsQuery = z.input<typeof FindNewestMigrationRunsQuery>;

type Needs = { readonly runs: Pick<MigrationRunRepository, 'newest'> };

/** The newest runs first. Throws `INVALID_INPUT`. */
export async function findNewestMigrationRuns(
  { runs }: Needs,
  query: FindNewestMigrationRunsQuery,
): Promise<readonly MigrationRunViewModel[]> {
  const { limit = 20 } = parseInput(FindNewestMigrationRunsQuery, query);
  return runs.newest(limit);
}
