import { Problem } from '@tenantctl/core/domain/errors';
import { migrateTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { confirm } from './confirm.ts';
import type { CommandContext, LoadedCommand } from './context.ts';
import type { ExitCode } from './exit-code.ts';
import { migrateAll } from './migrate-all.ts';
import { workOnTenants } from './work-on-tenants.ts';

type Options = {
  readonly all?: true;
  readonly includeFailed?: true;
  readonly to?: string;
  readonly reason?: string;
};

/** `migrate <tenantId>` and `migrate --all`. */
export function migrate(tenant: string | undefined, options: Options): LoadedCommand {
  const { all, includeFailed, to, reason } = options;
  if (all === true && tenant === undefined) return (context) => migrateAll(context, options);
  if (tenant === undefined || all === true) throw usage('migrate takes either a tenant or --all');
  if (includeFailed === true || to !== undefined) {
    throw usage('--include-failed and --to go with --all');
  }
  return (context) => migrateOne(context, tenant, reason);
}

async function migrateOne(
  context: CommandContext,
  tenant: string,
  reason: string | undefined,
): Promise<ExitCode> {
  await confirm(context, { what: `migrate ${tenant}`, tenants: 1, bulk: false });
  return workOnTenants(
    context,
    {
      success: ['ACTIVE'],
      start: (input) =>
        context.client.request(migrateTenantDatabase, {
          input: { ...input, ...(reason !== undefined && { reason }) },
        }),
    },
    [tenant],
  );
}

const usage = (more: string) =>
  new Problem('USAGE', 'migrate', { more, help: 'See: tenantctl migrate --help' });
