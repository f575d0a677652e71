import type { Pool, PoolClient } from 'pg';
import { MigrationRunViewModel } from '../../application/view-models/migration-run-view-model.ts';
import type { ServerViewModel } from '../../application/view-models/server-view-model.ts';
import type { TenantDatabaseViewModel } from '../../application/view-models/tenant-database-view-model.ts';
import type { TenantViewModel } from '../../application/view-models/tenant-view-model.ts';
import type { Work } from '../../domain/work.ts';
import type { FleetAt, FleetSnapshot } from '../../ports/fleet-snapshot.ts';
import { inTransaction } from './in-transaction.ts';

type Needs = { readonly pool: Pool };

/** A record without a claim has nulls in all of these. */
type WorkColumns = {
  readonly workKind: Work['kind'] | null;
  readonly workId: string | null;
  readonly workOperation: Work['operation'] | null;
  readonly workAttempt: number | null;
  readonly workSince: Date | null;
};

const databases = `SELECT d."id", d."tenantId", t."slug" AS "tenantSlug", d."serverName" AS "server",
    d."databaseName", d."readDatabaseName", d."status", d."schemaVersion", d."lastMigrationAt",
    d."errorCode", d."errorMessage", d."failure", d."failedOperation", d."revision", d."createdAt",
    d."updatedAt", d."workKind", d."workId", d."workOperation", d."workAttempt", d."workSince"
  FROM "TenantDatabase" d JOIN "Tenant" t ON t."id" = d."tenantId"
  WHERE d."deletedAt" IS NULL AND ($1::uuid[] IS NULL OR d."tenantId" = ANY ($1))
  ORDER BY t."slug"`;
const tenants = `SELECT t."id", t."slug", t."name", t."tags", null AS "databaseId", t."createdAt"
  FROM "Tenant" t
  WHERE t."deletedAt" IS NULL AND ($1::uuid[] IS NULL OR t."id" = ANY ($1))
    AND NOT EXISTS (
      SELECT FROM "TenantDatabase" d WHERE d."tenantId" = t."id" AND d."deletedAt" IS NULL
    )
  ORDER BY t."slug"`;
const servers = `SELECT "name", "lanes", "maxConnections", "paused" FROM "DatabaseServer" ORDER BY "name"`;
const head = `SELECT coalesce(max("seq"), 0) AS head FROM "OutboxEvent"`;
const run = `SELECT r."id", r."number", r."state", r."targetVersion", r."startedBy", r."reason",
    r."startedAt", r."endedAt", jsonb_array_length(r."migrations") AS "migrationCount",
    '{"pending":0,"running":0,"done":0,"unchanged":0,"failed":0,"skipped":0}' || (
      SELECT coalesce(jsonb_object_agg(c."state", c."count"), '{}') FROM (
        SELECT "state", count(*) AS "count" FROM "MigrationRunItem"
        WHERE "runId" = r."id" GROUP BY "state"
      ) AS c
    ) AS "counts",
    (
      SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM (
        SELECT i."cause", count(*) AS "count",
          (array_agg(i."failure" ORDER BY i."position"))[1] AS "sample",
          (array_agg(t."slug" ORDER BY i."position"))[1] AS "sampleTenantSlug"
        FROM "MigrationRunItem" i
        JOIN "TenantDatabase" d ON d."id" = i."tenantDatabaseId"
        JOIN "Tenant" t ON t."id" = d."tenantId"
        WHERE i."runId" = r."id" AND i."state" = 'failed' AND i."cause" IS NOT NULL
        GROUP BY i."cause" ORDER BY count(*) DESC, i."cause" LIMIT 20
      ) AS c
    ) AS "causes"
  FROM "MigrationRun" r
  ORDER BY r."state" IN ('running', 'paused') DESC, r."number" DESC LIMIT 1`;

/** The fleet as the master database has it, in one transaction that sees one state of everything. */
export class PostgresFleetSnapshot implements FleetSnapshot {
  readonly #pool: Pool;

  constructor({ pool }: Needs) {
    this.#pool = pool;
  }

  async take(only?: readonly string[]): Promise<FleetAt> {
    return inTransaction(
      this.#pool,
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      async (client) => ({
        seq: await headOf(client),
        databases: await databasesOf(client, only),
        tenants: (await client.query<TenantViewModel>(tenants, [only])).rows,
        servers: (await client.query<ServerViewModel>(servers)).rows,
        run: await runOf(client),
      }),
    );
  }
}

async function headOf(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ head: string }>(head);
  return Number(rows[0]?.head ?? 0);
}

/** Not parsed: these are our own columns, and ten thousand of them are read at once. */
async function databasesOf(
  client: PoolClient,
  only: readonly string[] | undefined,
): Promise<readonly TenantDatabaseViewModel[]> {
  const { rows } = await client.query<Omit<TenantDatabaseViewModel, 'work'> & WorkColumns>(
    databases,
    [only],
  );
  return rows.map(({ workKind, workId, workOperation, workAttempt, workSince, ...record }) => ({
    ...record,
    work: workOf({ workKind, workId, workOperation, workAttempt, workSince }),
  }));
}

function workOf(row: WorkColumns): Work | null {
  const { workKind: kind, workId: id, workOperation: operation } = row;
  const { workAttempt: attempt, workSince: since } = row;
  const claimed = kind !== null && id !== null && operation !== null;
  if (!claimed || attempt === null || since === null) return null;
  return { kind, id, operation, attempt, since };
}

async function runOf(client: PoolClient): Promise<MigrationRunViewModel | null> {
  const { rows } = await client.query(run);
  return rows[0] === undefined ? null : MigrationRunViewModel.parse(rows[0]);
}
