import { readFleet } from '@tenantctl/core/client/read-fleet';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { confirm } from './confirm.ts';
import { concludeRun } from './conclude-run.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

type Options = {
  readonly includeFailed?: boolean;
  readonly to?: string;
  readonly reason?: string;
};

/** `migrate --all`: a run over every ACTIVE database, confirmed by typing how many they are. */
export async function migrateAll(
  context: CommandContext,
  { includeFailed = false, to, reason }: Options,
): Promise<ExitCode> {
  const { client, output } = context;
  if (!context.yes) {
    const tenants = await countTaken(context, includeFailed);
    const what = `migrate every tenant to ${to ?? 'the newest schema'}`;
    await confirm(context, { what, tenants, bulk: true });
  }
  const answer = await client.request(startMigrationRun, {
    input: {
      includeFailed,
      ...(to !== undefined && { to }),
      ...(reason !== undefined && { reason }),
    },
  });
  if (!context.wait) {
    output.one(answer, [answer.message]);
    return exitCode.done;
  }
  const run = await findRun(context, answer.id ?? '');
  if (output.format === 'table') output.note(answer.message);
  return concludeRun(context, await followRun(context, run));
}

/** How many databases a run would take as the records are now. */
async function countTaken({ connection }: CommandContext, includeFailed: boolean): Promise<number> {
  const { databases } = await readFleet(connection);
  return databases.filter(
    ({ status, failedOperation }) =>
      status === 'ACTIVE' ||
      (includeFailed && status === 'FAILED' && failedOperation === 'migrate'),
  ).length;
}
