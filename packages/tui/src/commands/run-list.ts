import { listMigrationRuns } from '@tenantctl/core/wire/migration-run-operations';
import { runColumns } from '../plain/run-lines.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

export async function runList(
  { client, output, now }: CommandContext,
  { limit }: { readonly limit: number },
): Promise<ExitCode> {
  const runs = await client.request(listMigrationRuns, { limit });
  output.rows(runColumns(now()), runs);
  return exitCode.done;
}
