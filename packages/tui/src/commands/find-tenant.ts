import type { TenantViewModel } from '@tenantctl/core/application/view-models/tenant-view-model';
import { TenantId, TenantSlug } from '@tenantctl/core/domain/tenant';
import { Problem } from '@tenantctl/core/domain/errors';
import { findTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { findTenants } from '@tenantctl/core/wire/tenant-operations';
import type { CommandContext } from './context.ts';

const PAGE = 500;

/**
 * The id of the tenant that a UUID or slug names. A UUID is taken at its word. Throws `TENANT_NOT_FOUND`, and
 * `INVALID_INPUT` for what is neither.
 */
export async function tenantIdOf(context: CommandContext, name: string): Promise<string> {
  const wanted = name.trim().toLowerCase();
  if (TenantId.safeParse(wanted).success) return wanted;
  if (!TenantSlug.safeParse(wanted).success) {
    throw new Problem('INVALID_INPUT', 'tenantId', {
      more: `is ${JSON.stringify(name)}, which is neither a UUID nor a slug`,
      help: 'List tenants with: tenantctl tenant list',
    });
  }
  const input = { tenantId: wanted };
  const record = await context.client.request(findTenantDatabase, { input });
  return record?.tenantId ?? (await tenantOf(context, wanted)).id;
}

/** The tenant that a UUID or slug names. Throws `TENANT_NOT_FOUND`. */
export async function tenantOf({ client }: CommandContext, name: string): Promise<TenantViewModel> {
  const wanted = name.trim().toLowerCase();
  for (let page = 1; ; page += 1) {
    const found = await client.request(findTenants, {
      input: { search: wanted, pagination: { page, limit: PAGE } },
    });
    const tenant = found.items.find(({ slug, id }) => slug === wanted || id === wanted);
    if (tenant !== undefined) return tenant;
    if (page * PAGE >= found.total) throw new Problem('TENANT_NOT_FOUND', name);
  }
}
