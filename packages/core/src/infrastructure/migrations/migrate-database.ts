import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import {
  compareMigrationNames,
  planMigrations,
  type LedgerRow,
  type MigrationPlan,
  type MigrationPolicy,
  type PendingMigration,
} from '../../domain/migration-plan.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import type { MigrateHooks, MigrateOutcome } from '../../ports/tenant-migrator.ts';
import { meaningOf, sqlstateOf } from '../postgres/sqlstate.ts';
import { applyAtomically } from './apply-atomically.ts';
import { applyByStatement } from './apply-by-statement.ts';
import { closeSession } from '../postgres/close-session.ts';
import { lockAndCreateLedger, lockAndReadLedger, markRolledBack, readLedger } from './ledger.ts';
import type { Migration } from './migration-folder.ts';
import { endedBy, endedByProblem, type Ended } from './statement-failure.ts';

/** As long as Prisma waits for the same lock. */
const defaultLockWaitMs = 10_000;

export type MigrateDatabase = {
  /** The database, as messages name it. */
  readonly database: string;
  /**
   * A fresh direct connection, with its timeouts as startup options: `RESET ALL` goes back to them. It is closed at
   * the end. May throw problems of the catalogue, or the driver's errors.
   */
  readonly connect: () => Promise<Client>;
  /** Every migration on disk, whatever is to be applied of it. */
  readonly migrations: readonly Migration[];
  readonly hooks: MigrateHooks;
  /** Apply only these. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Apply nothing that comes after this one. */
  readonly upTo?: string | undefined;
  readonly policy?: MigrationPolicy | undefined;
  /** How long to wait for another migration to end; default 10 s. */
  readonly lockWaitMs?: number | undefined;
};

/**
 * Brings one database to the state of its migrations, in the way of Prisma 5 to 7: the same order, lock and ledger.
 * It creates no database. Never throws for what the database or its server does; rejects with whatever a hook
 * rejects with.
 */
export async function migrateDatabase(options: MigrateDatabase): Promise<MigrateOutcome> {
  const session = await openSession(options);
  if (!('query' in session)) return session;
  try {
    const ready = await attempt(options.database, () => prepare(session, options));
    if (ready.kind !== 'plan') return ready;
    await options.hooks.onPending(ready.pending.map(({ migration }) => migration.name));
    return await apply(session, ready, options);
  } finally {
    await closeSession(session);
  }
}

async function openSession({
  connect,
  database,
}: MigrateDatabase): Promise<Client | MigrateOutcome> {
  let client: Client;
  try {
    client = await connect();
  } catch (error) {
    return outcomeOf(connectEnded(error, database));
  }
  // A lost connection rejects the query under way; without a listener it would end the process.
  client.on('error', () => {});
  return client;
}

function connectEnded(error: unknown, database: string): Ended {
  if (error instanceof Problem) return endedByProblem(error);
  const sqlstate = sqlstateOf(error);
  const said = error instanceof Error ? error.message : String(error);
  const code = meaningOf(error)?.code ?? 'SERVER_UNREACHABLE';
  const facts = sqlstate === undefined ? {} : { sqlstate };
  return endedByProblem(new Problem(code, database, { more: ` (${said})`, facts, cause: error }));
}

type Ready = Extract<MigrationPlan<Migration>, { kind: 'plan' }>;

async function prepare(client: Client, options: MigrateDatabase): Promise<Ready | MigrateOutcome> {
  const { database, lockWaitMs = defaultLockWaitMs } = options;
  const seen = await readLedger(client);
  const early = planFor(seen ?? [], options);
  if (early.kind === 'plan' && isUpToDate(early)) return unchanged(early);
  // Any other answer may be that of a migration going on now, so it counts only under the lock.
  const waitMs = lockWaitMs;
  const rows =
    seen === null
      ? await lockAndCreateLedger(client, { database, waitMs })
      : await lockAndReadLedger(client, waitMs);
  if (rows === null) return outcomeOf(endedByProblem(new Problem('MIGRATION_LOCKED', database)));
  crashPoint('mig.locked');
  const plan = planFor(rows, options);
  if (plan.kind === 'refused') return outcomeOf(endedByProblem(plan.problem, plan.problem.subject));
  for (const { migration } of plan.pending) migration.script();
  if (plan.markRolledBack.length > 0) await markRolledBack(client, plan.markRolledBack);
  return plan.pending.length === 0 ? unchanged(plan) : plan;
}

function planFor(
  ledger: readonly LedgerRow[],
  { migrations, only, upTo, policy }: MigrateDatabase,
): MigrationPlan<Migration> {
  return planMigrations({ ledger, onDisk: migrations, only, upTo, policy });
}

function isUpToDate({ pending, markRolledBack: failed }: Ready): boolean {
  return pending.length === 0 && failed.length === 0;
}

function unchanged({ applied }: Ready): MigrateOutcome {
  return { kind: 'unchanged', version: applied.at(-1) ?? null };
}

async function apply(
  client: Client,
  { pending, applied }: Ready,
  { hooks, database }: MigrateDatabase,
): Promise<MigrateOutcome> {
  for (const [index, next] of pending.entries()) {
    const migration = next.migration.name;
    hooks.onStep?.({ migration, index: index + 1, total: pending.length });
    const ended = await applyOne(client, next, database);
    if (ended !== undefined) {
      const through = pending.slice(0, index);
      const reached = newestOf(applied, through);
      return { ...outcomeOf(ended), ...(through.length > 0 && { reached }) };
    }
  }
  const names = pending.map((each) => each.migration.name);
  return { kind: 'migrated', version: newestOf(applied, pending), applied: names };
}

function newestOf(
  applied: readonly string[],
  through: readonly PendingMigration<Migration>[],
): string {
  const names = [...applied, ...through.map(({ migration }) => migration.name)];
  return names.toSorted(compareMigrationNames).at(-1) ?? '';
}

async function applyOne(
  client: Client,
  { migration, resume }: PendingMigration<Migration>,
  database: string,
): Promise<Ended | undefined> {
  try {
    const script = migration.script();
    return script.mode === 'atomic'
      ? await applyAtomically(client, migration, script)
      : await applyByStatement(client, migration, script, resume);
  } catch (error) {
    return endedOrThrow(error, database, migration.name);
  }
}

async function attempt<T>(
  database: string,
  work: () => Promise<T | MigrateOutcome>,
): Promise<T | MigrateOutcome> {
  try {
    return await work();
  } catch (error) {
    return outcomeOf(endedOrThrow(error, database));
  }
}

/** What PostgreSQL or the network did is an end; anything else is our bug. */
function endedOrThrow(error: unknown, database: string, migration?: string): Ended {
  if (error instanceof Problem) return endedByProblem(error, migration ?? subjectOf(error));
  const meaning = meaningOf(error);
  if (meaning === undefined && sqlstateOf(error) === undefined) throw error;
  const ended = endedBy(error, { migration, code: 'MIGRATION_FAILED' });
  return meaning?.code === 'SERVER_UNREACHABLE' ? connectEnded(error, database) : ended;
}

function subjectOf({ code, subject }: Problem): string | undefined {
  return code === 'MIGRATION_REFUSED' ? subject : undefined;
}

function outcomeOf({ failure, transient }: Ended): MigrateOutcome {
  return { kind: transient ? 'transient' : 'failed', failure };
}
