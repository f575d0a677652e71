import { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { closeSession } from './close-session.ts';
import type { ConnectionUrl } from '../secrets/connection-url.ts';
import type { Secret } from '../secrets/secret.ts';
import type { ServerDirectory, ServerRecord } from './server-directory.ts';
import { meaningOf, sqlstateOf } from './sqlstate.ts';

/** The login that owns all objects of all tenant databases of a server, and runs their migrations. */
export const OWNER_ROLE = 'tenantctl_owner';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_AFTER_MS = 10_000;
const LOCK_TIMEOUT_MS = 5_000;
/** CREATE DATABASE copies files; nothing that the provisioner does takes longer than this. */
const ADMIN_STATEMENT_TIMEOUT_MS = 120_000;
/** How much later than the server the driver gives up: then the network is gone, not the statement slow. */
const GRACE_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Without it the server notices only at the end of a statement that its client has died, and commits. */
const CLIENT_CHECK_MS = 1_000;

/** URL parameters that would override what a session is given here. */
const OVERRIDING = [
  'options',
  'application_name',
  'lock_timeout',
  'statement_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
  'connect_timeout',
];

export type SessionOptions = {
  /** At most 63 bytes: `tenantctl:<id of the work>`. */
  readonly applicationName: string;
  /** Default 5 s. */
  readonly lockTimeoutMs?: number | undefined;
  /** Default: none for the owner, 120 s for the provisioner. */
  readonly statementTimeoutMs?: number | undefined;
};

type Needs = { readonly directory: ServerDirectory; readonly masterUrl: ConnectionUrl };
type Who = { readonly server: string; readonly role: string; readonly database: string };

/**
 * Sessions on the servers that hold tenant databases. A session is direct (no pooler), has its timeouts as
 * startup options, so that `RESET ALL` comes back to them, and never crashes the process when it is lost:
 * its next query rejects. The caller ends it.
 *
 * Throws `SERVER_NOT_FOUND`, `SERVER_UNREACHABLE`, `TOO_MANY_CONNECTIONS`, `PERMISSION_MISSING`,
 * `DATABASE_MISSING` and `DATABASE_CLOSED`.
 */
export class ServerAccess {
  readonly #directory: ServerDirectory;
  readonly #masterUrl: ConnectionUrl;
  /** Read once and kept: a fleet's migration connects thousands of times. A failed connection reads it again. */
  readonly #records = new Map<string, Promise<ServerRecord>>();

  constructor({ directory, masterUrl }: Needs) {
    this.#directory = directory;
    this.#masterUrl = masterUrl;
  }

  /** As the provisioner; in the database that the server's URL names unless another is given. */
  async admin(server: string, options: SessionOptions & { database?: string }): Promise<Client> {
    const url = await this.#adminUrl(server);
    const { database, ...session } = options;
    const statementTimeoutMs = options.statementTimeoutMs ?? ADMIN_STATEMENT_TIMEOUT_MS;
    return this.#connect(server, database === undefined ? url : url.with({ database }), {
      ...session,
      statementTimeoutMs,
      queryTimeoutMs: statementTimeoutMs + GRACE_MS,
    });
  }

  /** As `tenantctl_owner`, who owns the objects and may connect to tenant databases only. */
  async owner(server: string, database: string, options: SessionOptions): Promise<Client> {
    const password = await this.#ownerPassword(server);
    const url = await this.#adminUrl(server);
    const asOwner = url.with({ user: OWNER_ROLE, password, database });
    return this.#connect(server, asOwner, options);
  }

  /** Whether the server is the one that the master database itself lives on, under the master's own login. */
  async holdsMaster(server: string): Promise<boolean> {
    return (await this.#record(server)).adminUrl === null;
  }

  /** Drops what was read of the server: its URL or a password has changed. */
  forget(server: string): void {
    this.#records.delete(server);
  }

  async #ownerPassword(server: string): Promise<Secret> {
    let { ownerPassword } = await this.#record(server);
    if (ownerPassword === null) {
      // Another daemon may have made it since.
      this.forget(server);
      ({ ownerPassword } = await this.#record(server));
    }
    if (ownerPassword !== null) return ownerPassword;
    throw new Problem('PERMISSION_MISSING', OWNER_ROLE, {
      more: `the server "${server}" has not been prepared yet`,
      help: 'Provision a first database on it: that makes its roles.',
    });
  }

  async #adminUrl(server: string): Promise<ConnectionUrl> {
    const { adminUrl } = await this.#record(server);
    return (adminUrl ?? this.#masterUrl).withTlsByDefault().without(...OVERRIDING);
  }

  async #record(server: string): Promise<ServerRecord> {
    const known = this.#records.get(server);
    if (known !== undefined) return known;
    const reading = this.#read(server);
    this.#records.set(server, reading);
    reading.catch(() => this.forget(server));
    return reading;
  }

  async #read(server: string): Promise<ServerRecord> {
    const record = await this.#directory.find(server);
    if (record === null) throw new Problem('SERVER_NOT_FOUND', server);
    return record;
  }

  async #connect(
    server: string,
    url: ConnectionUrl,
    session: SessionOptions & { queryTimeoutMs?: number },
  ): Promise<Client> {
    const client = new Client({
      connectionString: url.reveal(),
      application_name: session.applicationName,
      options: startupOptions(session),
      query_timeout: session.queryTimeoutMs,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    });
    // A lost connection rejects the query under way and the next one; without a listener it would end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      void closeSession(client);
      this.forget(server);
      const who = { server, role: url.user, database: url.database ?? url.user };
      throw connectionProblem(error, who);
    }
  }
}

function startupOptions({ lockTimeoutMs, statementTimeoutMs }: SessionOptions): string {
  const settings = {
    lock_timeout: lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs ?? 0,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    client_connection_check_interval: CLIENT_CHECK_MS,
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** What a connection that was not made means. Anything unknown is the server's state, and tried again. */
function connectionProblem(error: unknown, { server, role, database }: Who): Problem {
  const sqlstate = sqlstateOf(error);
  const said = error instanceof Error ? error.message : String(error);
  const options = { cause: error, facts: sqlstate === undefined ? {} : { sqlstate } };
  // "database is not currently accepting connections": ALLOW_CONNECTIONS is false.
  if (sqlstate === '55000') return new Problem('DATABASE_CLOSED', database, options);
  const code = meaningOf(error)?.code ?? 'SERVER_UNREACHABLE';
  switch (code) {
    case 'DATABASE_MISSING':
      return new Problem(code, database, options);
    case 'PERMISSION_MISSING':
      return new Problem(code, role, {
        ...options,
        more: `connect to "${database}" on the server "${server}" (${said})`,
      });
    case 'TOO_MANY_CONNECTIONS':
      return new Problem(code, server, options);
    default:
      return new Problem('SERVER_UNREACHABLE', server, { ...options, more: ` (${said})` });
  }
}
