import pg from 'pg';
import type { TestPostgres } from './postgres.ts';

/** What a tenant's ledger says of one migration. */
export type LedgerEntry = {
  readonly name: string;
  readonly applied: number;
  readonly open: number;
};

/** The ledgers of all tenant databases, by database name, read as the superuser. */
export async function readLedgers(
  postgres: TestPostgres,
): Promise<ReadonlyMap<string, readonly LedgerEntry[]>> {
  const names = await withSuperuser(postgres, 'postgres', async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname LIKE 'tenant\\_%' ORDER BY datname",
    );
    return rows.map(({ datname }) => datname);
  });
  const ledgers = new Map<string, readonly LedgerEntry[]>();
  for (const name of names) {
    const entries = await withSuperuser(postgres, name, async (client) => {
      const { rows } = await client.query<LedgerEntry>(
        `SELECT migration_name AS name, count(finished_at)::int AS applied,
                (count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL))::int AS open
         FROM _prisma_migrations GROUP BY migration_name ORDER BY migration_name`,
      );
      return rows;
    });
    ledgers.set(name, entries);
  }
  return ledgers;
}

/** One session as the superuser, in a database of the test's server. */
export async function withSuperuser<T>(
  postgres: TestPostgres,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
