import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { ledgerMarks } from '../../domain/migration-plan.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import { acquireLock, holdsLock } from './prisma-lock.ts';
import { insertApplied, insertFailed } from './ledger.ts';
import type { Migration } from './migration-folder.ts';
import type { Script } from './read-script.ts';
import { runScript, type ScriptRun } from './run-script.ts';
import {
  endedBy,
  endedByProblem,
  failingStatement,
  logsOf,
  type Ended,
} from './statement-failure.ts';

/** What an earlier file may have left in the session. None of these gives up an advisory lock. */
const cleanSlate = ['DISCARD TEMP', 'DISCARD SEQUENCES', 'DEALLOCATE ALL', 'UNLISTEN *'];
const transaction = 'pg_catalog.pg_current_xact_id()::text AS transaction';
const head = [
  // First of all: behind another statement PostgreSQL refuses to choose the isolation level.
  'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
  ...cleanSlate,
  `SELECT ${transaction}, session_user AS login, current_user AS role`,
];
/** Back to the startup options and the login's own role, so that the ledger is written as it was read. */
const resetSession = ['RESET SESSION AUTHORIZATION', 'RESET ROLE', 'RESET ALL'];
const tail = [
  ...resetSession,
  `SELECT ${transaction}, session_user AS login, current_user AS role, ${holdsLock} AS locked`,
];
const before = `${head.join(';')};\n`;
const after = `\n;${tail.join(';')}`;

/**
 * Applies a file and records it in one transaction, in two round trips. Returns how it ended if it did not
 * succeed; then nothing of it is left, and unless the cause is transient the ledger has a failed row that says so.
 */
export async function applyAtomically(
  client: Client,
  migration: Migration,
  script: Script,
): Promise<Ended | undefined> {
  const startedAt = performance.now();
  const sent = before + script.sql + after;
  const run = await runScript(client, sent);
  if (run.error !== undefined) {
    const statement = failingStatement(
      run.error,
      { sent, offset: before.length, before: head.length },
      { completed: run.completed, statements: script.statements },
    );
    const where = { migration: migration.name, statement, code: 'MIGRATION_FAILED' } as const;
    return rollBack(client, migration, endedBy(run.error, where), startedAt);
  }
  const stillOurs = sameTransaction(run);
  if (stillOurs && run.lastRow?.['locked'] === true) {
    crashPoint('mig.mid_file');
    return commit(client, migration, startedAt);
  }
  const left = new Problem('MIGRATION_LEFT_TRANSACTION', migration.name);
  const mark = stillOurs ? ledgerMarks.rolledBackWhole : leftTransaction;
  return rollBack(client, migration, endedByProblem(left, migration.name), startedAt, mark);
}

/** Not one of the marks: nobody knows how much of it was committed, so it is never run again by itself. */
const leftTransaction = 'tenantctl: the migration ended our transaction';

function sameTransaction({ firstRow, lastRow }: ScriptRun): boolean {
  const compared = ['transaction', 'login', 'role'];
  return compared.every(
    (name) => firstRow?.[name] !== undefined && firstRow[name] === lastRow?.[name],
  );
}

async function commit(
  client: Client,
  migration: Migration,
  startedAt: number,
): Promise<Ended | undefined> {
  const run = await runScript(client, `${insertApplied(migration)};COMMIT`);
  // COMMIT of a transaction that has failed is no error, but its tag is ROLLBACK.
  if (run.error === undefined && run.lastCommand === 'COMMIT') {
    crashPoint('mig.committed_before_done');
    return undefined;
  }
  const error = run.error ?? new Error('the transaction was rolled back at its end');
  const more = run.completed === 0 ? ' (when the ledger was written)' : ' (at COMMIT)';
  const where = { migration: migration.name, code: 'MIGRATION_FAILED', more } as const;
  return rollBack(client, migration, endedBy(error, where), startedAt);
}

async function rollBack(
  client: Client,
  migration: Migration,
  ended: Ended,
  startedAt: number,
  mark: string = ledgerMarks.rolledBackWhole,
): Promise<Ended> {
  const rolledBack = await runScript(client, `ROLLBACK;${resetSession.join(';')}`);
  // The connection is gone, and the transaction with it. Why it ended stays the reason.
  if (ended.transient || rolledBack.error !== undefined) return ended;
  crashPoint('mig.failed_before_record');
  const ranForMs = performance.now() - startedAt;
  // A ledger that cannot be written changes nothing about the failure: the database is as it was before.
  await record(client, migration, { ranForMs, logs: logsOf(mark, ended) }).catch(() => {});
  return ended;
}

async function record(
  client: Client,
  migration: Migration,
  failed: { readonly ranForMs: number; readonly logs: string },
): Promise<void> {
  // The file may have given the lock away; whoever has it now writes the ledger.
  if (!(await acquireLock(client, 0))) return;
  await insertFailed(client, migration, failed);
}
