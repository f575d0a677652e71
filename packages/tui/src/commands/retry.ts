import { readFleet } from '@tenantctl/core/client/read-fleet';
import { Problem } from '@tenantctl/core/domain/errors';
import { retryTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { countOf } from '../theme/amounts.ts';
import { confirm } from './confirm.ts';
import type { CommandContext, LoadedCommand } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { findRun } from './find-run.ts';
import { runItems } from './run-items.ts';
import { workOnTenants } from './work-on-tenants.ts';

type Options = { readonly run?: string; readonly cause?: string; readonly reason?: string };

/** More than this are asked about, as on the screen. */
const UNASKED = 10;

/** `retry <tenantId>…` and `retry --run R [--cause C]`. */
export function retry(tenants: readonly string[], options: Options): LoadedCommand {
  const { run, cause } = options;
  if ((run === undefined) === (tenants.length === 0)) {
    throw usage('retry takes either tenants or --run');
  }
  if (run === undefined && cause !== undefined) throw usage('--cause goes with --run');
  return (context) => retryThem(context, tenants, options);
}

async function retryThem(
  context: CommandContext,
  tenants: readonly string[],
  { run, cause, reason }: Options,
): Promise<ExitCode> {
  const names = run === undefined ? tenants : await failedOf(context, run, cause);
  if (names.length === 0) {
    context.output.note(`Nothing to retry: no tenant of run ${run} is FAILED for that cause.`);
    if (context.output.format === 'json') context.output.one([], []);
    return exitCode.done;
  }
  const what = run === undefined ? 'retry' : `retry what failed in run ${run}`;
  await confirm(context, { what, tenants: names.length, bulk: names.length > UNASKED });
  if (run !== undefined) context.output.note(`Retrying ${countOf(names.length, 'tenant')}.`);
  return workOnTenants(
    context,
    {
      success: ['ACTIVE'],
      start: (input) =>
        context.client.request(retryTenantDatabase, {
          input: { ...input, ...(reason !== undefined && { reason }) },
        }),
    },
    names,
  );
}

/** The tenants that failed in a run for this cause and are still FAILED. */
async function failedOf(
  context: CommandContext,
  name: string,
  cause: string | undefined,
): Promise<readonly string[]> {
  const run = await findRun(context, name);
  const wanted = cause?.toLowerCase() ?? '';
  const items = await runItems(context, run.id, 'FAILED');
  const failed = new Set(
    items
      .filter((item) => (item.cause ?? '').toLowerCase().includes(wanted))
      .map(({ tenantDatabaseId }) => tenantDatabaseId),
  );
  const { databases } = await readFleet(context.connection);
  return databases
    .filter(({ id, status }) => failed.has(id) && status === 'FAILED')
    .map(({ tenantId }) => tenantId);
}

const usage = (more: string) =>
  new Problem('USAGE', 'retry', { more, help: 'See: tenantctl retry --help' });
