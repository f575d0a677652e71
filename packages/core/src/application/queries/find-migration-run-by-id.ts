import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import type { MigrationRunRepository } from '../../ports/migration-run-repository.ts';
import { parseInput } from '../parse-input.ts';
import type { MigrationRunViewModel } from '../view-models/migration-run-view-model.ts';

/** How a run is named: by its UUID or its number. */
export const RunIdOrNumber = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => /^[1-9]\d{0,8}$/.test(text) || z.uuid().safeParse(text).success, {
    error: ({ input }) => `is ${JSON.stringify(input)}, which is neither a UUID nor a number`,
  });

export const FindMigrationRunByIdQuery = z.strictObject({ id: RunIdOrNumber });
export type FindMigrationRunByIdQuery = z.input<typeof FindMigrationRunByIdQuery>;

type Needs = { readonly runs: Pick<MigrationRunRepository, 'find'> };

/** A run by id or number. Throws `INVALID_INPUT`, `RUN_NOT_FOUND`. */
export async function findMigrationRunById(
  { runs }: Needs,
  query: FindMigrationRunByIdQuery,
): Promise<MigrationRunViewModel> {
  const { id } = parseInput(FindMigrationRunByIdQuery, query);
  const run = await runs.find(id);
  if (run === null) throw new Problem('RUN_NOT_FOUND', id);
  return run;
}
