import {
  resumeTenantDatabase,
  suspendTenantDatabase,
} from '@tenantctl/core/wire/tenant-database-operations';
import { confirm } from './confirm.ts';
import type { CommandContext } from './context.ts';
import type { ExitCode } from './exit-code.ts';
import { type TenantWork, workOnTenants } from './work-on-tenants.ts';

type Options = { readonly reason?: string };

/** `suspend`: nobody gets into the database any more, and nobody is left in it. */
export async function suspend(
  context: CommandContext,
  tenant: string,
  { reason }: Options,
): Promise<ExitCode> {
  await confirm(context, { what: `suspend ${tenant}`, tenants: 1, bulk: false });
  const work: TenantWork = {
    success: ['SUSPENDED'],
    start: (input) =>
      context.client.request(suspendTenantDatabase, {
        input: { ...input, ...(reason !== undefined && { reason }) },
      }),
  };
  return workOnTenants(context, work, [tenant]);
}

/** `resume`: back to the status it had before, ACTIVE or FAILED. */
export async function resume(
  context: CommandContext,
  tenant: string,
  { reason }: Options,
): Promise<ExitCode> {
  await confirm(context, { what: `resume ${tenant}`, tenants: 1, bulk: false });
  const work: TenantWork = {
    success: ['ACTIVE', 'FAILED'],
    start: (input) =>
      context.client.request(resumeTenantDatabase, {
        input: { ...input, ...(reason !== undefined && { reason }) },
      }),
  };
  return workOnTenants(context, work, [tenant]);
}
