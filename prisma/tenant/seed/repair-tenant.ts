import type { ClientBase } from 'pg';
import type { TenantHealth } from './shop.ts';

const repairs: Readonly<Record<TenantHealth, readonly string[]>> = {
  healthy: [],
  'null-violation': ['UPDATE orders SET placed_at = created_at WHERE placed_at IS NULL'],
  // The oldest account of an address takes over the orders of the others.
  duplicate: [
    `WITH kept AS (
       SELECT id, first_value(id) OVER (PARTITION BY email ORDER BY created_at, id) AS kept_id
       FROM customers
     )
     UPDATE orders SET customer_id = kept.kept_id
     FROM kept WHERE kept.id = orders.customer_id AND kept.id <> kept.kept_id`,
    `DELETE FROM customers c
     WHERE EXISTS (
       SELECT FROM customers o
       WHERE o.email = c.email AND (o.created_at, o.id) < (c.created_at, c.id)
     )`,
  ],
};

/** Removes what keeps a tenant of this health from migrating. Repeating it changes nothing. */
export async function repair(client: ClientBase, health: TenantHealth): Promise<void> {
  for (const statement of repairs[health]) await client.query(statement);
}
