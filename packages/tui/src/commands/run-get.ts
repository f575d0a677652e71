import { listMigrationRunItems } from '@tenantctl/core/wire/migration-run-operations';
import { causeColumns, itemColumns, runLines } from '../plain/run-lines.ts';
import { tableLines } from '../plain/table.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';

/** `run get`: the run, its failures by cause, and its first items. As JSON the run with `items`. */
export async function runGet(
  context: CommandContext,
  name: string,
  { limit }: { readonly limit: number },
): Promise<ExitCode> {
  const { client, output, now } = context;
  const run = await findRun(context, name);
  const { items } = await client.request(listMigrationRunItems, {
    input: { runId: run.id, pagination: { page: 1, limit: Math.min(limit, 500) } },
  });
  output.one({ ...run, items }, [
    ...runLines(run, output.look, now()),
    ...(run.causes.length > 0 ? ['', ...tableLines(causeColumns, run.causes, output.look)] : []),
    '',
    ...tableLines(itemColumns, items, output.look),
  ]);
  return exitCode.done;
}
