import { escapeLiteral, type Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { withAdvisoryLock } from '../postgres/advisory-lock.ts';
import { identifier } from '../postgres/identifier.ts';
import { OWNER_ROLE, type ServerAccess } from '../postgres/server-access.ts';
import type { ServerDirectory } from '../postgres/server-directory.ts';
import { scramVerifier } from '../secrets/scram-verifier.ts';
import { Secret } from '../secrets/secret.ts';

/** The group that every tenant's login is a member of; it has the privileges on the objects. */
export const APP_ROLE = 'tenantctl_app';

/** CREATE DATABASE … STRATEGY, and a schema `public` that is not open to everybody. */
const OLDEST = 150_000;
/** From this version on a membership says whether it inherits and may SET ROLE. */
const PG_16 = 160_000;
const LOCK_WAIT_MS = 30_000;

type Needs = { readonly access: ServerAccess; readonly directory: ServerDirectory };

/**
 * Makes a server ready for tenant databases; repeating it changes nothing. Afterwards there are
 * `tenantctl_owner` (login, no memberships, its password stored encrypted) and `tenantctl_app` (no login), the
 * provisioner may act as the owner and end its sessions, and PUBLIC may not connect to the master database.
 * Throws `SERVER_TOO_OLD`, and `PERMISSION_MISSING` when the master database is not the provisioner's to close.
 */
export async function ensureServerRoles(
  { access, directory }: Needs,
  server: string,
  client: Client,
): Promise<void> {
  const version = await serverVersion(client);
  if (version < OLDEST) throw new Problem('SERVER_TOO_OLD', server, { more: ` (${version})` });
  const lock = { subject: `roles of ${server}`, waitMs: LOCK_WAIT_MS };
  await withAdvisoryLock(client, 'server-roles', lock, async () => {
    const password = await ownerPassword(directory, server);
    await ensureRole(
      client,
      OWNER_ROLE,
      `LOGIN PASSWORD ${escapeLiteral(await scramVerifier(password))}`,
    );
    await ensureRole(client, APP_ROLE, 'NOLOGIN');
    await client.query(grantTo('CURRENT_USER', OWNER_ROLE, version, { set: true }));
    if (await access.holdsMaster(server)) await closeToPublic(client);
  });
  access.forget(server);
}

/** `GRANT role TO member`, inheriting; before PostgreSQL 16 every membership inherits and may SET ROLE. */
export function grantTo(
  member: string,
  role: string,
  version: number,
  { set }: { readonly set: boolean },
): string {
  const options = version < PG_16 ? '' : ` WITH INHERIT TRUE, SET ${set ? 'TRUE' : 'FALSE'}`;
  return `GRANT ${identifier(role)} TO ${member}${options}`;
}

/** As `server_version_num`: 180004. */
async function serverVersion(client: Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return rows[0]?.version ?? 0;
}

/** Stored before the server hears of it, so that a crash in between loses nothing. */
async function ownerPassword(directory: ServerDirectory, server: string): Promise<Secret> {
  const record = await directory.find(server);
  if (record === null) throw new Problem('SERVER_NOT_FOUND', server);
  if (record.ownerPassword !== null) return record.ownerPassword;
  const password = Secret.generate();
  await directory.saveOwnerPassword(server, password);
  return password;
}

/** Creates the role, or gives it these attributes again. */
async function ensureRole(client: Client, role: string, attributes: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(`${verb} ROLE ${identifier(role)} ${attributes}`);
}

async function closeToPublic(client: Client): Promise<void> {
  const { rows } = await client.query<{ database: string; role: string }>(
    'SELECT current_database() AS database, current_user AS role',
  );
  const [master] = rows;
  if (master === undefined || !(await isOpenToPublic(client, master.database))) return;
  const database = identifier(master.database);
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO CURRENT_USER`);
  await client.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
  if (!(await isOpenToPublic(client, master.database))) return;
  throw new Problem('PERMISSION_MISSING', master.role, {
    more: `close the master database "${master.database}" to PUBLIC`,
    help: `As its owner: REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC, after granting it to "${master.role}".`,
  });
}

/** Asked after each REVOKE: one by anybody but the owner only warns. */
export async function isOpenToPublic(client: Client, database: string): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `SELECT has_database_privilege('public', $1, 'CONNECT') AS open`,
    [database],
  );
  return rows[0]?.open !== false;
}
