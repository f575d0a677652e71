import type { TenantViewModel } from '@tenantctl/core/application/view-models/tenant-view-model';
import { findTenants } from '@tenantctl/core/wire/tenant-operations';
import type { Column } from '../plain/table.ts';
import { ageOf } from '../plain/tenant-database-table.ts';
import type { CommandContext } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

type Options = {
  readonly search?: string;
  readonly withoutDatabase?: boolean;
  readonly limit?: number;
};

const PAGE = 500;

const columns = (now: Date): readonly Column<TenantViewModel>[] => [
  { title: 'TENANT', text: ({ slug }) => slug },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'DATABASE', text: ({ databaseId }) => (databaseId === null ? 'none' : 'yes') },
  {
    title: 'TAGS',
    text: ({ tags }) =>
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
  },
  { title: 'CREATED', text: ({ createdAt }) => ageOf(createdAt, now) },
  { title: 'ID', text: ({ id }) => id },
];

/** `tenant list`: by slug. */
export async function tenantList(
  { client, output, now }: CommandContext,
  { limit = Number.POSITIVE_INFINITY, ...search }: Options,
): Promise<ExitCode> {
  const tenants: TenantViewModel[] = [];
  for (let page = 1; tenants.length < limit; page += 1) {
    const found = await client.request(findTenants, {
      input: { ...search, pagination: { page, limit: PAGE } },
    });
    tenants.push(...found.items);
    if (page * PAGE >= found.total) break;
  }
  output.rows(columns(now()), tenants.slice(0, limit));
  return exitCode.done;
}
