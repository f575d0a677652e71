import { DatabaseError, escapeLiteral, type Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import type { TenantDatabaseId } from '../../domain/tenant-database-primitives.ts';
import type { ProvisionTarget } from '../../ports/tenant-provisioner.ts';
import { identifier } from '../postgres/identifier.ts';
import { OWNER_ROLE } from '../postgres/server-access.ts';
import { ownershipMark, stagingName, tenantRole } from './names.ts';
import { APP_ROLE, grantTo, isOpenToPublic } from './server-roles.ts';

// The steps of provisioning, in the order in which they are taken. Each is done by one statement that holds or
// does not, in the provisioner's session outside of the tenant's database, and may be repeated.

type Found = {
  readonly mark: string | null;
  /** Owned by the role we work as. */
  readonly own: boolean;
  readonly open: boolean;
};

/** Whether the database has its name already. Throws `DATABASE_NAME_TAKEN` when one that is not ours has it. */
export async function isThere(client: Client, target: ProvisionTarget): Promise<boolean> {
  const found = await find(client, target.databaseName);
  if (found === null) return false;
  if (found.mark !== ownershipMark(target.id)) throw taken(target.databaseName, found);
  return true;
}

/** Throws `DATABASE_MISSING` or `DATABASE_NAME_TAKEN`. */
export async function assertOurs(client: Client, target: ProvisionTarget): Promise<void> {
  if (!(await isThere(client, target))) throw new Problem('DATABASE_MISSING', target.databaseName);
}

/** The tenant's login with this password, a member of the app role; the provisioner may end its sessions. */
export async function ensureLogin(
  client: Client,
  id: TenantDatabaseId,
  verifier: string,
): Promise<void> {
  const role = tenantRole(id);
  const { rows } = await client.query<{ version: number; there: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version,
            EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS there`,
    [role],
  );
  const { version = 0, there = false } = rows[0] ?? {};
  const login = identifier(role);
  // One message is one transaction: the login is there with its memberships, or not at all.
  await client.query(`
    ${there ? 'ALTER' : 'CREATE'} ROLE ${login} LOGIN PASSWORD ${escapeLiteral(verifier)};
    ${grantTo(login, APP_ROLE, version, { set: false })};
    ${grantTo('CURRENT_USER', role, version, { set: false })}`);
}

/**
 * A closed copy of the template under the staging name; a copy that an earlier attempt left is dropped, as it
 * may be of another version. False when the template is gone. Throws `DATABASE_NAME_TAKEN` when something
 * that is not ours has the staging name.
 */
export async function cloneTemplate(
  client: Client,
  { id }: ProvisionTarget,
  template: string,
): Promise<boolean> {
  const staging = stagingName(id);
  const left = await find(client, staging);
  if (left !== null) {
    const ours = left.own && !left.open && (left.mark === null || left.mark === ownershipMark(id));
    if (!ours) throw taken(staging, left);
    await client.query(`DROP DATABASE ${identifier(staging)}`);
  }
  try {
    await client.query(
      `CREATE DATABASE ${identifier(staging)} TEMPLATE ${identifier(template)} STRATEGY wal_log ALLOW_CONNECTIONS false`,
    );
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '3D000') return false;
    throw error;
  }
}

/** A fresh copy admits PUBLIC. A REVOKE by anybody but the owner only warns, so what it did is looked up. */
export async function shutOutPublic(client: Client, { id }: ProvisionTarget): Promise<void> {
  const staging = stagingName(id);
  await client.query(`REVOKE ALL ON DATABASE ${identifier(staging)} FROM PUBLIC`);
  if (await isOpenToPublic(client, staging))
    throw new Problem('PROVISIONING_FAILED', staging, { more: 'PUBLIC may still connect to it' });
}

/** The mark that says whose it is, and the privileges. */
export async function markAndGrant(
  client: Client,
  { id }: ProvisionTarget,
  databaseName = stagingName(id),
): Promise<void> {
  const database = identifier(databaseName);
  // The owner also gets CREATE: migrations make schemas and extensions.
  await client.query(`
    COMMENT ON DATABASE ${database} IS ${escapeLiteral(ownershipMark(id))};
    GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${identifier(tenantRole(id))};
    GRANT CONNECT, TEMPORARY, CREATE ON DATABASE ${database} TO ${identifier(OWNER_ROLE)}`);
}

/** Throws `DATABASE_NAME_TAKEN` when the name was taken in the meantime. */
export async function giveName(
  client: Client,
  { id, databaseName }: ProvisionTarget,
): Promise<void> {
  const staging = identifier(stagingName(id));
  try {
    await client.query(`ALTER DATABASE ${staging} RENAME TO ${identifier(databaseName)}`);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== '42P04') throw error;
    await client.query(`DROP DATABASE ${staging}`);
    throw taken(databaseName, await find(client, databaseName));
  }
}

export async function setAllowConnections(
  client: Client,
  databaseName: string,
  allow: boolean,
): Promise<void> {
  await client.query(`ALTER DATABASE ${identifier(databaseName)} ALLOW_CONNECTIONS ${allow}`);
}

/** The last migration in the ledger, in a session of the owner's; null when it is empty. */
export async function schemaVersion(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM public._prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  // Prisma's order of folders is JavaScript's localeCompare, which no collation of the server is sure to be.
  return (
    rows
      .map(({ name }) => name)
      .toSorted((a, b) => a.localeCompare(b))
      .at(-1) ?? null
  );
}

async function find(client: Client, databaseName: string): Promise<Found | null> {
  const { rows } = await client.query<Found>(
    `SELECT shobj_description(oid, 'pg_database') AS mark, datallowconn AS open,
            pg_get_userbyid(datdba) = current_user AS own
       FROM pg_database WHERE datname = $1`,
    [databaseName],
  );
  return rows[0] ?? null;
}

function taken(databaseName: string, found: Found | null): Problem {
  const foreign = found?.mark?.startsWith('tenantctl:') === true;
  return new Problem('DATABASE_NAME_TAKEN', databaseName, {
    more: foreign
      ? ': the database that has it belongs to another record'
      : ': the database that has it does not carry our mark',
    facts: foreign ? { mark: found.mark } : {},
  });
}
