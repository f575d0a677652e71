import path from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { keptPassword } from './data-directory.ts';

const PROVISIONER = 'tenantctl_provisioner';

type PrepareMasterOptions = {
  /** Where the provisioner's password is kept (`provisioner-password`, 0600). */
  readonly directory: string;
  /** Default `tenantctl_master`. */
  readonly databaseName?: string;
};

/**
 * Makes the role that the daemon works as (`tenantctl_provisioner`: CREATEDB and CREATEROLE, no superuser)
 * and the master database, owned by it and closed to everybody else. Repeating it changes nothing.
 * Answers the master's URL as that role.
 */
export async function prepareMaster(
  superuserUrl: string,
  { directory, databaseName = 'tenantctl_master' }: PrepareMasterOptions,
): Promise<string> {
  const password = await keptPassword(path.join(directory, 'provisioner-password'));
  const client = new Client({ connectionString: superuserUrl });
  // A lost connection also fails the statement that waits for it; unheard, it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    const found = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
      [PROVISIONER, databaseName],
    );
    const role = escapeIdentifier(PROVISIONER);
    const database = escapeIdentifier(databaseName);
    const verb = found.rows[0]?.role === true ? 'ALTER' : 'CREATE';
    // A statement that fails is logged by the server, and this one holds a password.
    await client.query('SET log_min_error_statement = panic');
    await client.query(
      `${verb} ROLE ${role} LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD ${escapeLiteral(password)}`,
    );
    if (found.rows[0]?.database !== true) {
      await client.query(`CREATE DATABASE ${database} OWNER ${role}`);
    }
    await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  } finally {
    await client.end();
  }
  const url = new URL(superuserUrl);
  url.username = PROVISIONER;
  url.password = password;
  url.pathname = `/${databaseName}`;
  return url.href;
}
