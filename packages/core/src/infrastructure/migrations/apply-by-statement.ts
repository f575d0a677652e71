import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { ledgerMarks, type Resumption } from '../../domain/migration-plan.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { holdsLock } from './prisma-lock.ts';
import {
  concurrentIndexOf,
  dropsIndexConcurrently,
  findIndex,
  invalidIndexes,
} from './concurrent-index.ts';
import {
  countStep,
  finishRow,
  insertStarted,
  reopenRow,
  writeLogs,
  type OpenRow,
} from './ledger.ts';
import type { Migration } from './migration-folder.ts';
import { refusesTransaction, type Script } from './read-script.ts';
import { runScript } from './run-script.ts';
import { leadingWords, type Statement } from './split-statements.ts';
import { endedBy, endedByProblem, logsOf, type Ended } from './statement-failure.ts';

const undefinedObject = '42704';
const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';

/**
 * Applies a file one statement at a time and counts each in its ledger row. A statement that PostgreSQL lets into a
 * transaction is counted in its own; after a crash only one of the others can be in doubt, and it is looked at before
 * it is run again. Returns how it ended if it did not succeed; the row then says where.
 */
export async function applyByStatement(
  client: Client,
  migration: Migration,
  script: Script,
  resume: Resumption | undefined,
): Promise<Ended | undefined> {
  const row =
    resume === undefined
      ? await insertStarted(client, migration)
      : await reopenRow(client, resume.rowId);
  crashPoint('mig.started_row');
  const done = resume?.appliedStepsCount ?? 0;
  const split = new SplitRun(client, migration, row);
  for (const [index, statement] of script.statements.entries()) {
    const inDoubt = resume !== undefined && index === done ? resume : undefined;
    const ended = await (index < done
      ? split.restoreSetting(statement, done)
      : split.step(statement, index, inDoubt));
    if (ended !== undefined) return ended;
  }
  await finishRow(client, row);
  crashPoint('mig.committed_before_done');
  await runScript(client, 'RESET ALL');
  return undefined;
}

class SplitRun {
  readonly #client: Client;
  readonly #migration: Migration;
  readonly #row: OpenRow;

  constructor(client: Client, migration: Migration, row: OpenRow) {
    this.#client = client;
    this.#migration = migration;
    this.#row = row;
  }

  /** The settings that an earlier attempt made in the session that it had. */
  async restoreSetting(statement: Statement, done: number): Promise<Ended | undefined> {
    if (!/^(SET|RESET)\b/.test(leadingWords(statement.tokens))) return undefined;
    const { error } = await runScript(this.#client, statement.text);
    return error === undefined ? undefined : this.#ended(error, statement, done, []);
  }

  async step(
    statement: Statement,
    index: number,
    resume: Resumption | undefined,
  ): Promise<Ended | undefined> {
    return refusesTransaction(statement)
      ? this.#alone(statement, index, resume)
      : this.#inTransaction(statement, index);
  }

  async #inTransaction(statement: Statement, index: number): Promise<Ended | undefined> {
    const count = this.#count(index);
    const run = await runScript(this.#client, `${begin};${statement.text}\n;${count};COMMIT`);
    if (run.error === undefined && run.lastCommand === 'COMMIT') {
      return this.#checkLock(run.lastRow, statement, index);
    }
    await runScript(this.#client, 'ROLLBACK');
    const error = run.error ?? new Error('the statement was rolled back at its end');
    return this.#ended(error, statement, index, []);
  }

  async #alone(
    statement: Statement,
    index: number,
    resume: Resumption | undefined,
  ): Promise<Ended | undefined> {
    const brokenBefore = await invalidIndexes(this.#client);
    const built = resume !== undefined && (await this.#clearBuild(statement, resume));
    const run = built ? undefined : await runScript(this.#client, statement.text);
    if (run?.error !== undefined && !isGoneAlready(run.error, statement, resume)) {
      const broken = await this.#newlyBroken(brokenBefore);
      return this.#ended(run.error, statement, index, broken);
    }
    const skipped = await this.#brokenIndexSkipped(statement);
    if (skipped !== undefined) return this.#ended(skipped.error, statement, index, skipped.broken);
    const counted = await runScript(this.#client, this.#count(index));
    if (counted.error !== undefined) return this.#ended(counted.error, statement, index, []);
    return this.#checkLock(counted.lastRow, statement, index);
  }

  /**
   * Before a concurrent build is run again: drops what a failed one left. True when the build that nobody saw
   * the end of has succeeded after all.
   */
  async #clearBuild(statement: Statement, { interrupted }: Resumption): Promise<boolean> {
    const wanted = concurrentIndexOf(statement.tokens);
    const found = wanted && (await findIndex(this.#client, wanted));
    if (found === undefined) return false;
    if (found.valid) return interrupted;
    await this.#client.query(`DROP INDEX CONCURRENTLY ${found.quotedName}`);
    return false;
  }

  async #newlyBroken(before: readonly string[]): Promise<readonly string[]> {
    const now = await invalidIndexes(this.#client).catch(() => []);
    return now.filter((name) => !before.includes(name));
  }

  /** `IF NOT EXISTS` is content with an index that cannot be used. */
  async #brokenIndexSkipped(
    statement: Statement,
  ): Promise<{ readonly error: Error; readonly broken: readonly string[] } | undefined> {
    const wanted = concurrentIndexOf(statement.tokens);
    if (wanted?.ifNotExists !== true) return undefined;
    const found = await findIndex(this.#client, wanted);
    if (found === undefined || found.valid) return undefined;
    const error = new Error(`an index ${found.quotedName} existed already and is INVALID`);
    return { error, broken: [found.quotedName] };
  }

  #count(index: number): string {
    return `${countStep(this.#row, index + 1)};SELECT ${holdsLock} AS locked`;
  }

  async #checkLock(
    row: Readonly<Record<string, unknown>> | undefined,
    statement: Statement,
    index: number,
  ): Promise<Ended | undefined> {
    if (row?.['locked'] === true) return undefined;
    const left = new Problem('MIGRATION_LEFT_TRANSACTION', this.#migration.name);
    return this.#ended(left, statement, index + 1, []);
  }

  /** Says in the row what is known, and in the failure what is left in the database. */
  async #ended(
    error: unknown,
    statement: Statement,
    done: number,
    broken: readonly string[],
  ): Promise<Ended> {
    const somethingLeft = done > 0 || broken.length > 0;
    const where = {
      migration: this.#migration.name,
      statement,
      code: somethingLeft ? 'MIGRATION_PARTIAL' : 'MIGRATION_FAILED',
      more: leftBehind(done, broken),
    } as const;
    const ended =
      error instanceof Problem
        ? endedByProblem(error, this.#migration.name)
        : endedBy(error, where);
    const named: Ended = {
      ...ended,
      failure: { ...ended.failure, ...(somethingLeft && { code: 'MIGRATION_PARTIAL' }) },
    };
    // A transient end leaves the row as an interrupted one, to be taken up where it stands.
    if (ended.transient) return named;
    crashPoint('mig.failed_before_record');
    const mark = somethingLeft ? ledgerMarks.stoppedAtStatement : ledgerMarks.rolledBackWhole;
    await writeLogs(this.#client, this.#row, logsOf(mark, named)).catch(() => {});
    return named;
  }
}

function leftBehind(done: number, broken: readonly string[]): string {
  const invalid = broken.length === 0 ? '' : `; it left the INVALID index ${broken.join(', ')}`;
  const applied = done === 0 ? '' : `; the first ${done} statements of the file are applied`;
  return invalid + applied;
}

function isGoneAlready(
  error: unknown,
  statement: Statement,
  resume: Resumption | undefined,
): boolean {
  const inDoubt = resume?.interrupted === true && dropsIndexConcurrently(statement);
  return inDoubt && sqlstateOf(error) === undefinedObject;
}
