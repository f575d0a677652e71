import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import type { Failure } from '../../domain/failure.ts';
import type { MigrateOutcome } from '../../ports/tenant-migrator.ts';
import { migrateDatabase } from '../migrations/migrate-database.ts';
import { MigrationFolder } from '../migrations/migration-folder.ts';
import { ConnectionUrl } from '../secrets/connection-url.ts';

/** `prisma/master/migrations`, seen from this file: as deep in `dist` as in `src`. */
const folder = new URL('../../../../../prisma/master/migrations', import.meta.url);

type Needs = { readonly url: string; readonly applicationName: string };

const LOCK_WAIT_MS = 60_000;

/**
 * Brings the master database to the state of this version's migrations, with the same engine, ledger and lock as a
 * tenant's. Two daemons may start at once: the second waits for the first, then finds nothing to do. Resolves with
 * what was applied. Throws `MIGRATION_FAILED`, `MASTER_UNREACHABLE`, or what else keeps it from its work, such as
 * `PERMISSION_MISSING`.
 */
export async function applyMasterMigrations({
  url,
  applicationName,
}: Needs): Promise<readonly string[]> {
  const migrations = await new MigrationFolder({ directory: fileURLToPath(folder) }).load();
  const outcome = await migrateDatabase({
    database: ConnectionUrl.parse(url, 'MASTER_DATABASE_URL').database ?? 'master',
    connect: () => connect(url, applicationName),
    migrations,
    hooks: { onPending: async () => undefined },
    lockWaitMs: LOCK_WAIT_MS,
  });
  switch (outcome.kind) {
    case 'unchanged':
      return [];
    case 'migrated':
      return outcome.applied;
    case 'failed':
    case 'transient':
      throw problemOfStart(outcome);
  }
}

function problemOfStart({
  kind,
  failure,
}: Extract<MigrateOutcome, { readonly failure: Failure }>): Problem {
  const { code, migration, message, sqlstate } = failure;
  const help = 'Remove the cause, then start tenantd again.';
  const facts = { code, sqlstate };
  if (kind === 'transient') {
    return new Problem('MASTER_UNREACHABLE', 'master', { more: `: ${message}` });
  }
  if (migration === undefined) {
    const sentence = `The master database cannot be prepared: ${message}`;
    return Problem.fromWire({ code, message: sentence, help, facts });
  }
  return new Problem('MIGRATION_FAILED', migration, { more: message, help, facts });
}

async function connect(url: string, applicationName: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: `${applicationName}:migrate`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options:
      '-c lock_timeout=30s -c statement_timeout=10min -c client_connection_check_interval=1s',
  });
  await client.connect();
  return client;
}
