-- What Prisma's schema language cannot say about the tables: partial indexes, checks, orders.

-- One name on one server belongs to one record; a deleted record has given its name back.
CREATE UNIQUE INDEX "TenantDatabase_serverName_databaseName_key" ON "TenantDatabase"("serverName", "databaseName") WHERE "deletedAt" IS NULL;

-- A claim is whole or not there.
ALTER TABLE "TenantDatabase" ADD CONSTRAINT "TenantDatabase_work_check" CHECK (num_nulls("workKind", "workId", "workOperation", "workAttempt", "workSince") IN (0, 5));

-- Claimed records by their work, and deleted ones by their age: few rows each.
CREATE INDEX "TenantDatabase_workId_idx" ON "TenantDatabase"("workId") WHERE "workId" IS NOT NULL;
CREATE INDEX "TenantDatabase_deletedAt_idx" ON "TenantDatabase"("deletedAt") WHERE "deletedAt" IS NOT NULL;

-- One run at a time.
CREATE UNIQUE INDEX "MigrationRun_one_at_a_time_key" ON "MigrationRun"((true)) WHERE "state" IN ('running', 'paused');
ALTER TABLE "MigrationRun" ADD CONSTRAINT "MigrationRun_state_check" CHECK ("state" IN ('running', 'paused', 'completed', 'completed-with-failures', 'stopped', 'aborted'));
ALTER TABLE "MigrationRunItem" ADD CONSTRAINT "MigrationRunItem_state_check" CHECK ("state" IN ('pending', 'running', 'done', 'unchanged', 'failed', 'skipped'));

-- What a lane asks: the next item to claim, what is in this lane, which causes failed, how fast it goes.
CREATE INDEX "MigrationRunItem_pending_idx" ON "MigrationRunItem"("serverName", "runId", "wave", "position") WHERE "state" = 'pending';
CREATE INDEX "MigrationRunItem_running_idx" ON "MigrationRunItem"("serverName", "lane") WHERE "state" = 'running';
CREATE INDEX "MigrationRunItem_failed_idx" ON "MigrationRunItem"("runId", "cause") WHERE "state" = 'failed';
CREATE INDEX "MigrationRunItem_endedAt_idx" ON "MigrationRunItem"("runId", "endedAt") WHERE "endedAt" IS NOT NULL;

-- The read model orders text by its bytes and nulls before everything, as MongoDB does, whatever the
-- locale of the database is. With "C" an index also serves LIKE 'prefix%'.
ALTER TABLE "TenantDatabaseView"
    ALTER COLUMN "tenantSlug" TYPE TEXT COLLATE "C",
    ALTER COLUMN "databaseName" TYPE TEXT COLLATE "C",
    ALTER COLUMN "readDatabaseName" TYPE TEXT COLLATE "C",
    ALTER COLUMN "server" TYPE TEXT COLLATE "C",
    ALTER COLUMN "status" TYPE TEXT COLLATE "C",
    ALTER COLUMN "schemaVersion" TYPE TEXT COLLATE "C",
    ALTER COLUMN "errorCode" TYPE TEXT COLLATE "C",
    ALTER COLUMN "errorMessage" TYPE TEXT COLLATE "C";

DROP INDEX "TenantDatabaseView_schemaVersion_idx";
CREATE INDEX "TenantDatabaseView_schemaVersion_idx" ON "TenantDatabaseView"("schemaVersion" NULLS FIRST);
DROP INDEX "TenantDatabaseView_lastMigrationAt_idx";
CREATE INDEX "TenantDatabaseView_lastMigrationAt_idx" ON "TenantDatabaseView"("lastMigrationAt" NULLS FIRST);
DROP INDEX "TenantDatabaseView_errorCode_idx";
CREATE INDEX "TenantDatabaseView_errorCode_idx" ON "TenantDatabaseView"("errorCode" NULLS FIRST);

-- The server that the master itself is on.
INSERT INTO "DatabaseServer" ("name", "updatedAt") VALUES ('default', CURRENT_TIMESTAMP);
