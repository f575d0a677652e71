-- CreateEnum
CREATE TYPE "TenantDatabaseStatusEnum" AS ENUM ('PROVISIONING', 'ACTIVE', 'MIGRATING', 'FAILED', 'SUSPENDED');

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Tenant" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Subscription" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "plan" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endsAt" TIMESTAMPTZ(3),

    CONSTRAINT "Subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GlobalSetting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "GlobalSetting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "DatabaseServer" (
    "name" TEXT NOT NULL,
    "adminUrl" TEXT,
    "ownerPassword" TEXT,
    "lanes" INTEGER NOT NULL DEFAULT 8,
    "maxConnections" INTEGER NOT NULL DEFAULT 50,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DatabaseServer_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "TenantDatabase" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "serverName" TEXT NOT NULL DEFAULT 'default',
    "databaseName" TEXT NOT NULL,
    "readDatabaseName" TEXT NOT NULL,
    "databaseUrl" TEXT,
    "rolePassword" TEXT,
    "status" "TenantDatabaseStatusEnum" NOT NULL DEFAULT 'PROVISIONING',
    "statusBeforeSuspension" "TenantDatabaseStatusEnum",
    "schemaVersion" TEXT,
    "lastMigrationAt" TIMESTAMPTZ(3),
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "failure" JSONB,
    "failedOperation" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "workKind" TEXT,
    "workId" UUID,
    "workOperation" TEXT,
    "workAttempt" INTEGER,
    "workSince" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "TenantDatabase_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MigrationRun" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "targetVersion" TEXT NOT NULL,
    "migrations" JSONB NOT NULL,
    "policy" JSONB NOT NULL DEFAULT '{}',
    "startedBy" TEXT NOT NULL,
    "reason" TEXT,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "MigrationRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MigrationRunItem" (
    "id" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "tenantDatabaseId" UUID NOT NULL,
    "serverName" TEXT NOT NULL,
    "wave" INTEGER NOT NULL DEFAULT 0,
    "position" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "daemonId" UUID,
    "lane" INTEGER,
    "notBefore" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "fromVersion" TEXT,
    "toVersion" TEXT,
    "skipReason" TEXT,
    "cause" TEXT,
    "failure" JSONB,

    CONSTRAINT "MigrationRunItem_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OutboxEvent" (
    "seq" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "subjectId" UUID NOT NULL,
    "payload" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "OutboxEvent_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "subjectId" TEXT,
    "arguments" JSONB NOT NULL,
    "requestId" TEXT,
    "previousHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "WorkLease" (
    "jobId" UUID NOT NULL,
    "queue" TEXT NOT NULL,
    "daemonId" UUID NOT NULL,
    "takenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WorkLease_pkey" PRIMARY KEY ("jobId")
);

-- CreateTable
CREATE TABLE "TenantDatabaseView" (
    "id" UUID NOT NULL,
    "tenantId" UUID NOT NULL,
    "tenantSlug" TEXT NOT NULL,
    "databaseName" TEXT NOT NULL,
    "readDatabaseName" TEXT NOT NULL,
    "server" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "schemaVersion" TEXT,
    "lastMigrationAt" TIMESTAMPTZ(3),
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "view" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "TenantDatabaseView_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TenantDatabaseTombstone" (
    "id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "TenantDatabaseTombstone_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReadModelCursor" (
    "name" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ReadModelCursor_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Tenant_slug_key" ON "Tenant"("slug");

-- CreateIndex
CREATE INDEX "Subscription_tenantId_idx" ON "Subscription"("tenantId");

-- CreateIndex
CREATE UNIQUE INDEX "TenantDatabase_tenantId_key" ON "TenantDatabase"("tenantId");

-- CreateIndex
CREATE INDEX "TenantDatabase_status_idx" ON "TenantDatabase"("status");

-- CreateIndex
CREATE UNIQUE INDEX "MigrationRun_number_key" ON "MigrationRun"("number");

-- CreateIndex
CREATE INDEX "MigrationRunItem_runId_state_serverName_wave_position_idx" ON "MigrationRunItem"("runId", "state", "serverName", "wave", "position");

-- CreateIndex
CREATE INDEX "MigrationRunItem_tenantDatabaseId_idx" ON "MigrationRunItem"("tenantDatabaseId");

-- CreateIndex
CREATE UNIQUE INDEX "MigrationRunItem_runId_tenantDatabaseId_key" ON "MigrationRunItem"("runId", "tenantDatabaseId");

-- CreateIndex
CREATE UNIQUE INDEX "OutboxEvent_id_key" ON "OutboxEvent"("id");

-- CreateIndex
CREATE INDEX "OutboxEvent_subjectId_seq_idx" ON "OutboxEvent"("subjectId", "seq");

-- CreateIndex
CREATE INDEX "OutboxEvent_at_idx" ON "OutboxEvent"("at");

-- CreateIndex
CREATE INDEX "AuditEntry_subjectId_seq_idx" ON "AuditEntry"("subjectId", "seq");

-- CreateIndex
CREATE INDEX "WorkLease_daemonId_idx" ON "WorkLease"("daemonId");

-- CreateIndex
CREATE UNIQUE INDEX "TenantDatabaseView_tenantId_key" ON "TenantDatabaseView"("tenantId");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_status_tenantSlug_idx" ON "TenantDatabaseView"("status", "tenantSlug");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_tenantSlug_idx" ON "TenantDatabaseView"("tenantSlug");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_schemaVersion_idx" ON "TenantDatabaseView"("schemaVersion");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_createdAt_idx" ON "TenantDatabaseView"("createdAt");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_updatedAt_idx" ON "TenantDatabaseView"("updatedAt");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_lastMigrationAt_idx" ON "TenantDatabaseView"("lastMigrationAt");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_databaseName_idx" ON "TenantDatabaseView"("databaseName");

-- CreateIndex
CREATE INDEX "TenantDatabaseView_errorCode_idx" ON "TenantDatabaseView"("errorCode");

-- AddForeignKey
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_tenantId_fkey" FOREIGN KEY ("tenantId") REFERENCES "Tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TenantDatabase" ADD CONSTRAINT "TenantDatabase_tenantId_fkey" FOREIGN KEY ("tenantId") REFERENCES "Tenant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TenantDatabase" ADD CONSTRAINT "TenantDatabase_serverName_fkey" FOREIGN KEY ("serverName") REFERENCES "DatabaseServer"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MigrationRunItem" ADD CONSTRAINT "MigrationRunItem_runId_fkey" FOREIGN KEY ("runId") REFERENCES "MigrationRun"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MigrationRunItem" ADD CONSTRAINT "MigrationRunItem_tenantDatabaseId_fkey" FOREIGN KEY ("tenantDatabaseId") REFERENCES "TenantDatabase"("id") ON DELETE CASCADE ON UPDATE CASCADE;
