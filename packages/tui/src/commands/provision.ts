import { createTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { confirm } from './confirm.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit-code.ts';
import { workOnTenants } from './work-on-tenants.ts';

type Request = {
  readonly tenant: string;
  readonly databaseName?: string | undefined;
  readonly server?: string | undefined;
};

/** `provision`: the record and the database of a tenant that has none. */
export async function provision(
  context: CommandContext,
  { tenant, databaseName, server }: Request,
): Promise<ExitCode> {
  await confirm(context, { what: `provision ${tenant}`, tenants: 1, bulk: false });
  return workOnTenants(
    context,
    {
      success: ['ACTIVE'],
      start: ({ tenantId }) =>
        context.client.request(createTenantDatabase, {
          input: {
            tenantId,
            ...(databaseName !== undefined && { databaseName }),
            ...(server !== undefined && { server }),
          },
        }),
    },
    [tenant],
  );
}
