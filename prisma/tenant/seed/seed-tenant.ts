import { escapeIdentifier, type ClientBase } from 'pg';
import { shopOf, type TenantHealth } from './shop.ts';

type SeedTenant = {
  /** Makes the rows differ from tenant to tenant, and the same one's always the same. */
  readonly tenantNumber: number;
  readonly health: TenantHealth;
};

const tables = [
  'categories',
  'products',
  'customers',
  'orders',
  'order_lines',
  'payments',
] as const;

/**
 * Fills a tenant database that stands at `DEMO_START_VERSION`. With a health other than `healthy`, a later
 * migration fails on what is in it. Repeating it changes nothing.
 */
export async function seedTenant(
  client: ClientBase,
  { tenantNumber, health }: SeedTenant,
): Promise<void> {
  const shop = shopOf(tenantNumber, health);
  for (const table of tables) {
    const rows: ReadonlyArray<object> = shop[table];
    const columns = Object.keys(rows[0] ?? {})
      .map(escapeIdentifier)
      .join(', ');
    // jsonb_populate_recordset reads each value with the type of its column.
    await client.query(
      `INSERT INTO ${table} (${columns})
       SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1)
       ON CONFLICT (id) DO NOTHING`,
      [JSON.stringify(rows)],
    );
  }
}
