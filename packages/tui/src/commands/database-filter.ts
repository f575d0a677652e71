import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { type FleetPredicate, parseFleetFilter } from '@tenantctl/core/domain/fleet-filter';
import { findTenants } from '@tenantctl/core/wire/tenant-operations';
import type { CommandContext } from './context.ts';

const PAGE = 500;

/** Does this database pass at this moment? */
export type DatabaseFilter = (database: TenantDatabaseViewModel, now: Date) => boolean;

/**
 * A filter that is complete once the daemon can be asked: databases do not carry their tenant's tags, so they
 * are read where the filter names one. Throws `INVALID_INPUT` at once for a filter that is none.
 */
export function databaseFilter(text: string): (context: CommandContext) => Promise<DatabaseFilter> {
  const holds: FleetPredicate = parseFleetFilter(text);
  return async (context) => {
    if (!/\btag:/i.test(text)) return holds;
    const tags = await tagsByTenant(context);
    return (database, now) => holds({ ...database, tags: tags.get(database.tenantId) }, now);
  };
}

async function tagsByTenant({
  client,
}: CommandContext): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const tags = new Map<string, Readonly<Record<string, string>>>();
  for (let page = 1; ; page += 1) {
    const found = await client.request(findTenants, {
      input: { pagination: { page, limit: PAGE } },
    });
    for (const tenant of found.items) tags.set(tenant.id, tenant.tags);
    if (page * PAGE >= found.total) return tags;
  }
}
