import type { MigrationRunItemViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import { listMigrationRunItems } from '@tenantctl/core/wire/migration-run-operations';
import type { CommandContext } from './context.ts';

const PAGE = 500;

/** Every item of a run in one state. */
export async function runItems(
  { client }: CommandContext,
  runId: string,
  state: 'FAILED' | 'SKIPPED',
): Promise<readonly MigrationRunItemViewModel[]> {
  const items: MigrationRunItemViewModel[] = [];
  for (let page = 1; ; page += 1) {
    const found = await client.request(listMigrationRunItems, {
      input: { runId, state, pagination: { page, limit: PAGE } },
    });
    items.push(...found.items);
    if (page * PAGE >= found.total) return items;
  }
}
