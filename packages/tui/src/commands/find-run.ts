import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import { Problem } from '@tenantctl/core/domain/errors';
import { findMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import type { CommandContext } from './context.ts';

/** A run by its id or number (`3`, `#3`). Throws `RUN_NOT_FOUND`. */
export async function findRun(
  { client }: CommandContext,
  name: string,
): Promise<MigrationRunViewModel> {
  const id = name.replace(/^#/, '');
  const run = await client.request(findMigrationRun, { input: { id } });
  if (run === null) throw new Problem('RUN_NOT_FOUND', name);
  return run;
}
