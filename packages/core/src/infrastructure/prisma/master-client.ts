import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';

type Needs = {
  readonly url: string;
  /** Shown in `pg_stat_activity`; PostgreSQL cuts it at 63 bytes. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  readonly statementTimeoutMs?: number;
  /** A connection was lost while nobody used it, or in the middle of a transaction. For the log: the next one is opened by itself. */
  readonly onConnectionLost?: (error: Error) => void;
};

/** The master database: the generated client, and the pool beneath it for what is read in bulk. */
export type MasterDatabase = {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  /** Waits for the statements in hand, then closes every connection. */
  close(): Promise<void>;
};

/**
 * Opens the master database. Nothing connects before the first statement, and no call waits for ever: for a
 * connection 10 s, for a lock 10 s, for a statement `statementTimeoutMs` (default 15 s), and as long again
 * plus 5 s for a server that does not answer at all. A lost connection fails the call in hand, never the
 * process.
 */
export function openMasterClient({
  url,
  applicationName,
  maxConnections = 20,
  statementTimeoutMs = 15_000,
  onConnectionLost = () => undefined,
}: Needs): MasterDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    lock_timeout: 10_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
  });
  pool.on('error', onConnectionLost);
  // The pool listens only while a connection is idle. One that the server ends between two statements of its
  // user would be an error that nobody listens to, and end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('release', (_error, client) => closeUnlessIdle(client));
  const adapter = new PrismaPg(pool, {
    onConnectionError: onConnectionLost,
    statementNameGenerator: ({ sql }) => statementName(sql),
  });
  const prisma = new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: 10_000, timeout: statementTimeoutMs + 5_000 },
  });
  return {
    prisma,
    pool,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/**
 * A connection that comes back within a transaction never had an answer to its COMMIT or ROLLBACK (the call
 * timed out). Prisma gives it back all the same; whoever took it next would wait behind that transaction.
 */
function closeUnlessIdle(client: pg.PoolClient): void {
  const status = client.getTransactionStatus();
  if (status === 'T' || status === 'E') void client.end();
}

/**
 * Statements that begin with `-- prepared: <name>` are prepared once per connection, under that name.
 * All others are not prepared: their texts are without number, and each would stay in the server's memory.
 */
function statementName(sql: string): string {
  return /^-- prepared: ([a-z-]+)\n/.exec(sql)?.[1] ?? '';
}
