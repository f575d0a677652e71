import { withSuperuser } from './ledgers.ts';
import type { TestPostgres } from './postgres.ts';

type Database = { readonly name: string; readonly mark: string | null };

/** Everything that a command could change: the server's databases and roles, and every row of ours in the master. */
export async function everythingOf(postgres: TestPostgres) {
  const master = new URL(postgres.masterUrl).pathname.slice(1);
  return withSuperuser(postgres, master, async (client) => {
    const { rows: databases } = await client.query<Database>(
      `SELECT datname AS name, shobj_description(oid, 'pg_database') AS mark, datallowconn, datacl::text
       FROM pg_database ORDER BY datname`,
    );
    const { rows: roles } = await client.query<Record<string, unknown>>(
      'SELECT * FROM pg_authid ORDER BY rolname',
    );
    const records: Record<string, unknown> = {};
    for (const table of ['Tenant', 'TenantDatabase', 'MigrationRun', 'OutboxEvent', 'AuditEntry']) {
      const { rows } = await client.query<{ row: unknown }>(
        `SELECT to_jsonb(t) AS row FROM "${table}" t ORDER BY 1`,
      );
      records[table] = rows.map(({ row }) => row);
    }
    return { databases, roles, records };
  });
}
