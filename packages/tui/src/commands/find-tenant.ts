import { TenantId, TenantSlug } from '@tenantctl/core/domain/tenant';
import { Problem } from '@tenantctl/core/domain/errors';
import { findTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { findTenants } from '@tenantctl/core/wire/tenant-operations';
import type { CommandContext } from './context.ts';

const PAGE = 500;

/** The id of the tenant that a UUID or slug names. A UUID is taken at its word. Throws `TENANT_NOT_FOUND`. */
export async function tenantIdOf({ client }: CommandContext, name: string): Promise<string> {
  const id = TenantId.safeParse(name);
  if (id.success) return id.data;
  const slug = TenantSlug.safeParse(name.toLowerCase());
  if (!slug.success) throw new Problem('TENANT_NOT_FOUND', name);
  const record = await client.request(findTenantDatabase, { input: { tenantId: slug.data } });
  if (record !== null) return record.tenantId;
  for (let page = 1; ; page += 1) {
    // oxlint-disable-next-line no-await-in-loop -- how many pages there are is known from the first
    const found = await client.request(findTenants, {
      input: { search: slug.data, pagination: { page, limit: PAGE } },
    });
    const tenant = found.items.find((candidate) => candidate.slug === slug.data);
    if (tenant !== undefined) return tenant.id;
    if (page * PAGE >= found.total) throw new Problem('TENANT_NOT_FOUND', name);
  }
}
