import { Problem } from '@tenantctl/core/domain/errors';
import { findTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { tenantDatabaseLines } from '../plain/tenant-database-table.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

/** `get`: everything that is known of one tenant's database. */
export async function get(
  { client, output, now }: CommandContext,
  tenant: string,
): Promise<ExitCode> {
  const database = await client.request(findTenantDatabase, { input: { tenantId: tenant } });
  if (database === null) throw new Problem('TENANT_DATABASE_NOT_FOUND', tenant);
  output.one(database, tenantDatabaseLines(database, output.look, now()));
  return exitCode.done;
}
