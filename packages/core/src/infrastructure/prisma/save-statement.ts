import { causeOf, type Failure } from '../../domain/failure.ts';
import type { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { TenantDatabasePrimitives } from '../../domain/tenant-database-primitives.ts';
import type { Along } from '../../ports/tenant-database-write-repository.ts';
import { jsonb } from '../postgres/jsonb.ts';
import { insertColumns, rowOf, updateAssignments } from './tenant-database-row.ts';

/** SQL with its values, in order. */
export type Statement = { readonly sql: string; readonly values: readonly unknown[] };

const next = `jsonb_populate_record(null::"TenantDatabase", $3::jsonb) AS next`;
const outcomeRow = `jsonb_populate_record(null::"MigrationRunItem", $7::jsonb) AS outcome`;

const insertRecord = `INSERT INTO "TenantDatabase" (${insertColumns})
  SELECT ${insertColumns} FROM ${next}
  RETURNING 1`;

const updateRecord = (from: string) => `UPDATE "TenantDatabase" AS record SET ${updateAssignments}
  FROM ${from}
  WHERE record."id" = next."id" AND record."revision" = $4
    AND record."workId" IS NOT DISTINCT FROM $5::uuid
    AND record."workAttempt" IS NOT DISTINCT FROM $6
  RETURNING 1`;

const lockItem = `SELECT item."id" FROM "MigrationRunItem" AS item, ${outcomeRow}
  WHERE item."id" = outcome."id" AND item."attempts" = outcome."attempts"
    AND item."state" = 'running'
  FOR UPDATE OF item`;

const settleItem = `UPDATE "MigrationRunItem" AS item
  SET "state" = outcome."state", "toVersion" = outcome."toVersion", "endedAt" = outcome."endedAt",
    "notBefore" = outcome."notBefore", "skipReason" = outcome."skipReason",
    "cause" = outcome."cause", "failure" = outcome."failure", "daemonId" = null, "lane" = null
  FROM ${outcomeRow}, saved
  WHERE item."id" = outcome."id"
  RETURNING 1`;

// One statement, so that a save costs one round trip. Each part waits for the guard of the one before: an item that is
// not ours any more keeps the record from being written, a record that has moved on keeps the item as it is. The facts
// come last, and only if everything else was written.
const insert = `-- prepared: insert-record
WITH saved AS (${insertRecord})
SELECT append_facts($1::jsonb, $2::jsonb) FROM saved`;
const update = `-- prepared: update-record
WITH saved AS (${updateRecord(next)})
SELECT append_facts($1::jsonb, $2::jsonb) FROM saved`;
const updateAndSettle = `-- prepared: update-record-and-settle-item
WITH locked AS (${lockItem}),
  saved AS (${updateRecord(`${next}, locked`)}),
  settled AS (${settleItem})
SELECT append_facts($1::jsonb, $2::jsonb) FROM settled`;

/**
 * Writes record, item and facts, in this order; the last statement of its transaction, or the only one. It counts one
 * row, or none when the store has moved on: then it has written nothing.
 */
export function saveStatement(
  database: TenantDatabaseAggregate,
  record: TenantDatabasePrimitives,
  facts: readonly [string | null, string],
  item: Along['settleItem'],
): Statement {
  const { stored } = database;
  const row = jsonb(rowOf(record));
  if (stored === null) return { sql: insert, values: [...facts, row] };
  const { revision, work } = stored;
  const values = [...facts, row, revision, work?.id ?? null, work?.attempt ?? null];
  if (item === undefined) return { sql: update, values };
  return { sql: updateAndSettle, values: [...values, jsonb(itemRow(item, record.updatedAt))] };
}

function itemRow({ itemId, attempt, outcome }: NonNullable<Along['settleItem']>, now: Date) {
  const settled = { id: itemId, attempts: attempt, state: outcome.state };
  switch (outcome.state) {
    case 'done':
    case 'unchanged':
      return { ...settled, endedAt: now, toVersion: outcome.toVersion };
    case 'skipped':
      return { ...settled, endedAt: now, skipReason: outcome.reason };
    case 'failed':
      return { ...settled, endedAt: now, ...failed(outcome.failure) };
    case 'pending':
      return { ...settled, notBefore: outcome.notBefore, ...failed(outcome.failure) };
  }
}

const failed = (failure?: Failure) =>
  failure === undefined ? {} : { failure, cause: causeOf(failure) };
