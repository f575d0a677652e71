import { Problem } from '@tenantctl/core/domain/errors';
import { findTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { tenantDatabaseLines } from '../plain/tenant-database-table.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { tenantOf } from './find-tenant.ts';

/** `get`: everything that is known of one tenant's database. */
export async function get(context: CommandContext, tenant: string): Promise<ExitCode> {
  const { client, output, now } = context;
  const database = await client.request(findTenantDatabase, { input: { tenantId: tenant } });
  if (database === null) {
    const { slug } = await tenantOf(context, tenant);
    const help = `Provision one with: tenantctl provision ${slug}`;
    throw new Problem('TENANT_DATABASE_NOT_FOUND', slug, { help });
  }
  output.one(database, tenantDatabaseLines(database, output.look, now()));
  return exitCode.done;
}
