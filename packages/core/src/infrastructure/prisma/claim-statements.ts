import { recordJson } from './tenant-database-row.ts';

/**
 * Claims the next item of server $1 and its record for lane $2 of daemon $3, if that still has the lease of job $4;
 * gives both. The run is looked up first, so that the index of what is pending has the next item at its beginning:
 * joined to the run, every claim would sort all that is left.
 */
export const claimItem = `-- prepared: claim-item
WITH next AS (
  SELECT i."id", i."tenantDatabaseId"
  FROM "MigrationRunItem" i
  JOIN "TenantDatabase" d ON d."id" = i."tenantDatabaseId"
  WHERE i."state" = 'pending' AND i."serverName" = $1
    AND i."runId" = (SELECT r."id" FROM "MigrationRun" r WHERE r."state" = 'running')
    AND (i."notBefore" IS NULL OR i."notBefore" <= now())
    AND d."workId" IS NULL
    AND EXISTS (
      SELECT FROM "WorkLease" w WHERE w."jobId" = $4::uuid AND w."daemonId" = $3::uuid
    )
  ORDER BY i."wave", i."position"
  LIMIT 1
  FOR UPDATE OF i, d SKIP LOCKED
), claimed AS (
  UPDATE "MigrationRunItem" i
  SET "state" = 'running', "attempts" = i."attempts" + 1, "lane" = $2, "daemonId" = $3::uuid,
    "startedAt" = now(), "notBefore" = null
  FROM next WHERE i."id" = next."id"
  RETURNING i."id", i."runId", i."attempts", i."tenantDatabaseId"
), record AS (
  UPDATE "TenantDatabase" d
  SET "workKind" = 'item', "workId" = claimed."id", "workOperation" = 'migrate',
    "workAttempt" = claimed."attempts", "workSince" = now()
  FROM claimed WHERE d."id" = claimed."tenantDatabaseId"
  RETURNING d.*
)
SELECT claimed."id", claimed."runId", claimed."attempts", claimed."tenantDatabaseId", ${recordJson} AS record
FROM claimed
JOIN record ON record."id" = claimed."tenantDatabaseId"
JOIN "Tenant" AS tenant ON tenant."id" = record."tenantId"`;

/** Settles item $1 as unchanged at version $3 and frees its record, if $2 is still its attempt. Counts one row, or none. */
export const settleUnchangedItem = `-- prepared: settle-unchanged-item
WITH settled AS (
  UPDATE "MigrationRunItem"
  SET "state" = 'unchanged', "endedAt" = now(), "lane" = null, "daemonId" = null, "toVersion" = $3
  WHERE "id" = $1::uuid AND "attempts" = $2 AND "state" = 'running'
  RETURNING "id", "tenantDatabaseId"
)
UPDATE "TenantDatabase" d
SET "workKind" = null, "workId" = null, "workOperation" = null, "workAttempt" = null, "workSince" = null
FROM settled WHERE d."id" = settled."tenantDatabaseId" AND d."workId" = settled."id"`;
