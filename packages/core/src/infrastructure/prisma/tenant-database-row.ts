import { z } from 'zod';
import { TenantDatabasePrimitives } from '../../domain/tenant-database-primitives.ts';

/** The columns of `TenantDatabase` that the aggregate owns. Secrets are written by whoever makes them. */
const ownColumns = [
  'databaseName',
  'readDatabaseName',
  'status',
  'statusBeforeSuspension',
  'schemaVersion',
  'lastMigrationAt',
  'errorCode',
  'errorMessage',
  'failure',
  'failedOperation',
  'revision',
  'workKind',
  'workId',
  'workOperation',
  'workAttempt',
  'workSince',
  'updatedAt',
  'deletedAt',
] as const;
const identityColumns = ['id', 'tenantId', 'serverName', 'createdAt'] as const;

type Column = (typeof ownColumns)[number] | (typeof identityColumns)[number];

/** A row as JSON, by column. */
export type TenantDatabaseRow = { readonly [C in Column]: unknown };

const quoted = (columns: readonly Column[], prefix = '') =>
  columns.map((column) => `${prefix}"${column}"`).join(', ');

/** For `INSERT`: every column that a record has from the start. */
export const insertColumns = quoted([...identityColumns, ...ownColumns]);
/** For `UPDATE … FROM next`: every column that may change. */
export const updateAssignments = ownColumns.map((name) => `"${name}" = next."${name}"`).join(', ');

/** A row and its tenant's slug as one `jsonb`, from `TenantDatabase` as `record` and `Tenant` as `tenant`. */
export const recordJson = `to_jsonb(record) || jsonb_build_object('tenantSlug', tenant."slug")`;

/** What `recordJson` gives. */
export const RecordJson = z.record(z.string(), z.unknown()).transform((json) => {
  const { serverName, workKind, workId, workOperation, workAttempt, workSince, ...rest } = json;
  const work = {
    kind: workKind,
    id: workId,
    operation: workOperation,
    attempt: workAttempt,
    since: workSince,
  };
  return TenantDatabasePrimitives.parse({
    ...rest,
    server: serverName,
    work: workId === null ? null : work,
  });
});

/** The row of a record. `errorCode` is SQLSTATE where PostgreSQL gave one, as in the view. */
export function rowOf(record: TenantDatabasePrimitives): TenantDatabaseRow {
  const { tenantSlug: _slug, server, work, failure, ...same } = record;
  return {
    ...same,
    serverName: server,
    failure,
    errorCode: failure === null ? null : (failure.sqlstate ?? failure.code),
    errorMessage: failure?.message ?? null,
    workKind: work?.kind ?? null,
    workId: work?.id ?? null,
    workOperation: work?.operation ?? null,
    workAttempt: work?.attempt ?? null,
    workSince: work?.since ?? null,
  };
}
