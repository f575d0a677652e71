import { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { ConnectionUrl } from '../secrets/connection-url.ts';
import { closeSession } from './close-session.ts';
import { identifier } from './identifier.ts';
import { meaningOf } from './sqlstate.ts';

type Needs = { readonly url: string; readonly applicationName: string };

const CONNECT_TIMEOUT_MS = 10_000;
const SETTING = 'MASTER_DATABASE_URL';

/**
 * Connects to the master database once and looks whether its role may do a daemon's work; changes nothing.
 * Throws `MASTER_UNREACHABLE`, which may pass, and `PERMISSION_MISSING` and `DATABASE_MISSING`, which do not pass by
 * themselves.
 */
export async function assertMasterUsable({ url, applicationName }: Needs): Promise<void> {
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await assertRole(client);
  } catch (error) {
    throw problemOf(error, ConnectionUrl.parse(url, SETTING), client);
  } finally {
    await closeSession(client);
  }
}

type Role = { readonly name: string; readonly CREATEDB: boolean; readonly CREATEROLE: boolean };
const rights = { CREATEDB: 'databases', CREATEROLE: 'roles' } as const;

async function assertRole(client: Client): Promise<void> {
  const { rows } = await client.query<Role>(
    `SELECT rolname AS name, rolsuper OR rolcreatedb AS "CREATEDB", rolsuper OR rolcreaterole AS "CREATEROLE"
     FROM pg_roles WHERE rolname = current_user`,
  );
  const [role] = rows;
  if (role === undefined) return;
  const missing = (['CREATEDB', 'CREATEROLE'] as const).filter((right) => !role[right]);
  if (missing.length === 0) return;
  throw new Problem('PERMISSION_MISSING', role.name, {
    more: `create ${missing.map((right) => rights[right]).join(' and ')}`,
    help: `As a superuser: ALTER ROLE ${identifier(role.name)} ${missing.join(' ')}`,
  });
}

function problemOf(error: unknown, url: ConnectionUrl, { host, port }: Client): unknown {
  if (error instanceof Problem) return error;
  const said = messageOf(error);
  const meaning = meaningOf(error);
  if (meaning?.code === 'DATABASE_MISSING') {
    const help = `Create it, or correct ${SETTING}.`;
    return new Problem('DATABASE_MISSING', url.database ?? url.user, { help, cause: error });
  }
  if (meaning?.code === 'PERMISSION_MISSING') {
    return new Problem('PERMISSION_MISSING', url.user, {
      more: `connect to the master database (${said})`,
      help: `Correct user and password in ${SETTING}.`,
      cause: error,
    });
  }
  const more = ` at ${host}:${port}: ${said}`;
  return new Problem('MASTER_UNREACHABLE', 'master', { more, cause: error });
}

/** `localhost` may be several addresses; then the driver's own message is empty. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
