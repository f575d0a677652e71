import { escapeLiteral, type Client } from 'pg';
import { Problem } from '../../domain/errors.ts';
import { ledgerMarks, type LedgerRow } from '../../domain/migration-plan.ts';
import { sqlstateOf } from '../postgres/sqlstate.ts';
import { acquireLock, lockAndRead } from './prisma-lock.ts';

// `_prisma_migrations`, as Prisma makes, reads and writes it. There is no unique name: a migration that was
// rolled back keeps its row and gets another one.

const createTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`;

const selectRows = `SELECT "id", "migration_name" AS "migrationName", "checksum",
       "finished_at" IS NOT NULL AS "finished", "rolled_back_at" IS NOT NULL AS "rolledBack",
       "applied_steps_count" AS "appliedStepsCount",
       CASE WHEN "finished_at" IS NULL THEN "logs" END AS "logs"
  FROM "_prisma_migrations" ORDER BY "started_at", "id"`;

const undefinedTable = '42P01';

export type Applied = { readonly name: string; readonly checksum: string };

/** All rows, oldest first; null when the database has no ledger. */
export async function readLedger(client: Client): Promise<readonly LedgerRow[] | null> {
  try {
    return (await client.query<LedgerRow>(selectRows)).rows;
  } catch (error) {
    if (sqlstateOf(error) === undefinedTable) return null;
    throw error;
  }
}

/** All rows, read under the lock; null when the lock was not to be had within `waitMs`. */
export async function lockAndReadLedger(
  client: Client,
  waitMs: number,
): Promise<readonly LedgerRow[] | null> {
  return lockAndRead<LedgerRow>(client, selectRows, waitMs);
}

/**
 * The same for a database that had no ledger a moment ago: makes it. Throws `LEDGER_MISSING` when the schema
 * holds tables already, as Prisma does (P3005): nobody knows which migrations made them.
 */
export async function lockAndCreateLedger(
  client: Client,
  { database, waitMs }: { readonly database: string; readonly waitMs: number },
): Promise<readonly LedgerRow[] | null> {
  if (!(await acquireLock(client, waitMs))) return null;
  const rows = await readLedger(client);
  if (rows !== null) return rows;
  if (await schemaIsOccupied(client)) throw new Problem('LEDGER_MISSING', database);
  await client.query(createTable);
  return [];
}

/** Whether the schema in which the ledger would stand holds anything, leaving out what extensions brought. */
async function schemaIsOccupied(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_catalog.pg_class c
      WHERE c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident(current_schema()))
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                         WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                           AND d.objid = c.oid AND d.deptype = 'e')
      LIMIT 1`,
  );
  return rowCount !== 0;
}

/** The statement that records a migration which this transaction applies. */
export function insertApplied({ name, checksum }: Applied): string {
  return `INSERT INTO "_prisma_migrations"
  ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
VALUES (gen_random_uuid()::text, ${escapeLiteral(checksum)}, ${escapeLiteral(name)},
        transaction_timestamp(), clock_timestamp(), 1)`;
}

/** Records a failure as Prisma shapes it, in a transaction of its own. */
export async function insertFailed(
  client: Client,
  { name, checksum }: Applied,
  failed: { readonly ranForMs: number; readonly logs: string },
): Promise<void> {
  await client.query(
    `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "started_at", "logs")
     VALUES (gen_random_uuid()::text, $1, $2, now() - $3 * interval '1 millisecond', $4)`,
    [checksum, name, failed.ranForMs, failed.logs],
  );
}

/** Marks rows of ours whose migration was rolled back as a whole. Prisma then counts it as not applied. */
export async function markRolledBack(client: Client, ids: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE "_prisma_migrations" SET "rolled_back_at" = now()
      WHERE "id" = ANY ($1) AND "finished_at" IS NULL AND "rolled_back_at" IS NULL`,
    [ids],
  );
}

/** A migration that is applied statement by statement keeps this row up to date as it goes. */
export type OpenRow = {
  readonly id: string;
  /** Quoted and with its schema: the file may change `search_path`. */
  readonly table: string;
};

const qualifiedTable = `(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = '"_prisma_migrations"'::pg_catalog.regclass) AS "table"`;

export async function insertStarted(client: Client, { name, checksum }: Applied): Promise<OpenRow> {
  const { rows } = await client.query<OpenRow>(
    `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "logs")
     VALUES (gen_random_uuid()::text, $1, $2, $3) RETURNING "id", ${qualifiedTable}`,
    [checksum, name, ledgerMarks.statementByStatement],
  );
  return expectRow(rows[0]);
}

export async function reopenRow(client: Client, id: string): Promise<OpenRow> {
  const { rows } = await client.query<OpenRow>(
    `UPDATE "_prisma_migrations" SET "logs" = $2 WHERE "id" = $1 RETURNING "id", ${qualifiedTable}`,
    [id, ledgerMarks.statementByStatement],
  );
  return expectRow(rows[0]);
}

function expectRow(row: OpenRow | undefined): OpenRow {
  if (row === undefined) throw new Error('the row of the ledger is gone although we hold the lock');
  return row;
}

/** The statement that counts one more statement as done. */
export function countStep({ id, table }: OpenRow, appliedStepsCount: number): string {
  return `UPDATE ${table} SET "applied_steps_count" = ${appliedStepsCount} WHERE "id" = ${escapeLiteral(id)}`;
}

export async function finishRow(client: Client, { id, table }: OpenRow): Promise<void> {
  await client.query(`UPDATE ${table} SET "finished_at" = now(), "logs" = NULL WHERE "id" = $1`, [
    id,
  ]);
}

export async function writeLogs(
  client: Client,
  { id, table }: OpenRow,
  logs: string,
): Promise<void> {
  await client.query(`UPDATE ${table} SET "logs" = $2 WHERE "id" = $1`, [id, logs]);
}
