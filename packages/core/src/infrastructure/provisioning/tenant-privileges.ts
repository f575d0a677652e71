import type { Client } from 'pg';
import { identifier } from '../postgres/identifier.ts';
import { OWNER_ROLE } from '../postgres/server-access.ts';
import { APP_ROLE } from './server-roles.ts';

const owner = identifier(OWNER_ROLE);
const app = identifier(APP_ROLE);

/**
 * Gives the schema `public` of an empty database to the owner, and what the owner will make in any schema to the
 * tenants' logins: to read and write rows, not to change tables. Clones take all of this along.
 */
export async function shareWithApp(client: Client): Promise<void> {
  await client.query(`
    ALTER SCHEMA public OWNER TO ${owner};
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT USAGE ON SCHEMAS TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${app};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT USAGE, SELECT ON SEQUENCES TO ${app}`);
}

/** Leaves the tenants' logins only SELECT on the ledger: who can write it decides what is migrated. */
export async function closeLedger(client: Client): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT WHERE to_regclass('public._prisma_migrations') IS NOT NULL`,
  );
  if (rowCount === 0) return;
  await client.query(`
    REVOKE ALL ON TABLE public._prisma_migrations FROM ${app};
    GRANT SELECT ON TABLE public._prisma_migrations TO ${app}`);
}
