import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { TenantDatabaseViewModel } from '../../application/view-models/tenant-database-view-model.ts';
import type { Criteria, PaginatedResult } from '../../domain/criteria.ts';
import type {
  TenantDatabaseReadRepository,
  ViewChange,
} from '../../ports/tenant-database-read-repository.ts';
import { criteriaSql } from './criteria-sql.ts';
import { inTransaction } from './in-transaction.ts';
import { jsonb } from './jsonb.ts';
import { queryMaster } from './query-master.ts';

type Needs = { readonly pool: Pool };

const cursorName = 'tenant-database';
const View = z.object({ view: TenantDatabaseViewModel });
const Page = z.object({ total: z.int(), items: z.array(TenantDatabaseViewModel) });

// One writer at a time: between a guard that was read and the write behind it nobody else writes.
const lockWriters = 'SELECT pg_advisory_xact_lock(7463, 2)';
const bury = `INSERT INTO "TenantDatabaseTombstone" AS stored ("id", "seq")
  SELECT "id", "seq" FROM jsonb_to_recordset($1::jsonb) AS deleted("id" uuid, "seq" bigint)
  ON CONFLICT ("id") DO UPDATE SET "seq" = excluded."seq" WHERE excluded."seq" > stored."seq"`;
const removeBuried = `DELETE FROM "TenantDatabaseView" AS stored USING "TenantDatabaseTombstone" AS tombstone
  WHERE stored."id" = tombstone."id" AND tombstone."id" = ANY ($1::uuid[])
    AND stored."seq" < tombstone."seq"`;
const upsert = {
  name: 'views-upsert',
  text: `INSERT INTO "TenantDatabaseView" AS stored
  SELECT given.* FROM jsonb_populate_recordset(null::"TenantDatabaseView", $1::jsonb) AS given
  WHERE NOT EXISTS (
    SELECT FROM "TenantDatabaseTombstone" AS newer
    WHERE newer."id" = given."id" AND newer."seq" >= given."seq"
  )
  ON CONFLICT ("id") DO UPDATE SET "databaseName" = excluded."databaseName",
    "readDatabaseName" = excluded."readDatabaseName", "tenantSlug" = excluded."tenantSlug",
    "server" = excluded."server", "status" = excluded."status",
    "schemaVersion" = excluded."schemaVersion", "lastMigrationAt" = excluded."lastMigrationAt",
    "errorCode" = excluded."errorCode", "errorMessage" = excluded."errorMessage",
    "view" = excluded."view", "updatedAt" = excluded."updatedAt", "seq" = excluded."seq"
  WHERE excluded."seq" > stored."seq"`,
};
const storeCursor = {
  name: 'cursor-store',
  text: `INSERT INTO "ReadModelCursor" ("name", "seq", "updatedAt") VALUES ($1, $2, now())
    ON CONFLICT ("name") DO UPDATE SET "seq" = excluded."seq", "updatedAt" = now()`,
};

/** The read model in the master database, for fleets without MongoDB. */
export class TenantDatabasePostgresReadRepository implements TenantDatabaseReadRepository {
  readonly #pool: Pool;

  constructor({ pool }: Needs) {
    this.#pool = pool;
  }

  async findById(id: string): Promise<TenantDatabaseViewModel | null> {
    return this.#one('"id"', id);
  }

  async findByTenantId(tenantId: string): Promise<TenantDatabaseViewModel[] | null> {
    const view = await this.#one('"tenantId"', tenantId);
    return view === null ? null : [view];
  }

  async findByCriteria(criteria: Criteria): Promise<PaginatedResult<TenantDatabaseViewModel>> {
    const { page, limit } = criteria.pagination;
    const { where, orderBy, values } = criteriaSql(criteria);
    const rows = await queryMaster(
      this.#pool,
      `SELECT (SELECT count(*)::int FROM "TenantDatabaseView" WHERE ${where}) AS total,
        (SELECT coalesce(jsonb_agg(page."view"), '[]') FROM (
          SELECT "view" FROM "TenantDatabaseView" WHERE ${where} ORDER BY ${orderBy}
          LIMIT $${values.length + 1} OFFSET $${values.length + 2}
        ) AS page) AS items`,
      [...values, limit, (page - 1) * limit],
    );
    return { ...Page.parse(rows[0]), page, limit };
  }

  async save(view: TenantDatabaseViewModel, seq: number): Promise<void> {
    await this.apply([{ kind: 'save', view, seq }]);
  }

  async delete(id: string, seq: number): Promise<boolean> {
    return (await this.#apply([{ kind: 'delete', id, seq }])) > 0;
  }

  async apply(changes: readonly ViewChange[]): Promise<void> {
    if (changes.length > 0) await this.#apply(changes);
  }

  async cursor(): Promise<number> {
    const rows = await queryMaster<{ seq: string }>(
      this.#pool,
      'SELECT "seq" FROM "ReadModelCursor" WHERE "name" = $1',
      [cursorName],
    );
    return Number(rows[0]?.seq ?? 0);
  }

  async saveCursor(seq: number): Promise<void> {
    await queryMaster(this.#pool, storeCursor, [cursorName, seq]);
  }

  /** How many views were deleted. */
  async #apply(changes: readonly ViewChange[]): Promise<number> {
    const deleted = changes.filter((change) => change.kind === 'delete');
    const saved = changes.filter((change) => change.kind === 'save');
    return inTransaction(this.#pool, 'BEGIN', async (client) => {
      await client.query(lockWriters);
      const count = deleted.length === 0 ? 0 : await deleteViews(client, deleted);
      if (saved.length > 0) await client.query({ ...upsert, values: [jsonb(saved.map(rowOf))] });
      return count;
    });
  }

  async #one(column: '"id"' | '"tenantId"', id: string): Promise<TenantDatabaseViewModel | null> {
    if (!z.uuid().safeParse(id).success) return null;
    const rows = await queryMaster(
      this.#pool,
      `SELECT "view" FROM "TenantDatabaseView" WHERE ${column} = $1`,
      [id],
    );
    return rows[0] === undefined ? null : View.parse(rows[0]).view;
  }
}

async function deleteViews(
  client: PoolClient,
  deleted: readonly { readonly id: string; readonly seq: number }[],
): Promise<number> {
  await client.query(bury, [jsonb(deleted)]);
  const { rowCount } = await client.query(removeBuried, [deleted.map(({ id }) => id)]);
  return rowCount ?? 0;
}

/** A row of the view table: what is filtered and sorted by, and the whole view. */
function rowOf({ view, seq }: { readonly view: TenantDatabaseViewModel; readonly seq: number }) {
  return { ...view, view, seq };
}
