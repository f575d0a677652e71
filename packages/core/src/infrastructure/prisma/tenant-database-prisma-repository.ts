import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { TenantDatabasePrimitives } from '../../domain/tenant-database-primitives.ts';
import { crashPoint } from '../../ports/crash-point.ts';
import type {
  Along,
  TenantDatabaseWriteRepository,
} from '../../ports/tenant-database-write-repository.ts';
import { factArguments } from './append-facts.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { JobWriter } from './job-writer.ts';
import { asMasterProblem, masterProblemOf, uniqueKeyOf } from './prisma-errors.ts';
import { saveStatement } from './save-statement.ts';
import { recordJson, RecordJson } from './tenant-database-row.ts';

type Needs = {
  readonly prisma: PrismaClient;
  readonly jobs: JobWriter;
  /** Called after each commit that wrote events. */
  readonly onCommitted: () => void;
};

const Rows = z.array(z.object({ record: RecordJson }));

const joined = `SELECT ${recordJson} AS record FROM "TenantDatabase" AS record
  JOIN "Tenant" AS tenant ON tenant."id" = record."tenantId"`;
const selectById = `-- prepared: record-by-id
${joined} WHERE record."id" = $1::uuid`;
const selectByTenantId = `-- prepared: record-by-tenant-id
${joined} WHERE record."tenantId" = $1::uuid`;
const takeUp = `-- prepared: take-up-work
WITH record AS (
  UPDATE "TenantDatabase" SET "workAttempt" = "workAttempt" + 1
  WHERE "id" = $1::uuid AND "workId" = $2::uuid RETURNING *
)
SELECT ${recordJson} AS record FROM record JOIN "Tenant" AS tenant ON tenant."id" = record."tenantId"`;

/** The records of tenant databases, in the master database. */
export class TenantDatabasePrismaRepository implements TenantDatabaseWriteRepository {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async findById(id: string): Promise<TenantDatabaseAggregate | null> {
    return this.#one(selectById, id);
  }

  async findByTenantId(tenantId: string): Promise<TenantDatabaseAggregate[] | null> {
    const found = await this.#one(selectByTenantId, tenantId);
    return found === null ? null : [found];
  }

  async takeUpWork(id: string, workId: string): Promise<TenantDatabaseAggregate | null> {
    return this.#one(takeUp, id, workId);
  }

  async save(
    database: TenantDatabaseAggregate,
    along: Along = {},
  ): Promise<TenantDatabaseAggregate> {
    const record = database.toPrimitives();
    const facts = factArguments({ audit: along.audit, events: database.pendingEvents });
    const { sql, values } = saveStatement(database, record, facts, along.settleItem);
    try {
      await this.#atOnce(along, async (tx) => {
        const saved = await tx.$executeRawUnsafe(sql, ...values);
        if (saved === 0) throw new Problem('REVISION_CONFLICT', record.tenantSlug);
      });
    } catch (error) {
      throw takenProblem(error, record) ?? masterProblemOf(error);
    }
    database.pullEvents();
    crashPoint('event.after_commit');
    this.#needs.onCommitted();
    return TenantDatabaseAggregate.fromPrimitives(record);
  }

  /**
   * With a job, a transaction around it and the statement. Alone the statement is a transaction by itself: then nobody
   * waits a round trip longer for the lock that orders the events.
   */
  async #atOnce(
    { startJob, completeJob }: Along,
    write: (tx: Prisma.TransactionClient) => Promise<void>,
  ): Promise<void> {
    const { prisma, jobs } = this.#needs;
    if (startJob === undefined && completeJob === undefined) return write(prisma);
    await prisma.$transaction(async (tx) => {
      if (startJob) await jobs.start(tx, startJob);
      if (completeJob) await jobs.complete(tx, completeJob.jobId);
      await write(tx);
      crashPoint('event.before_commit');
    });
  }

  async delete(id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const { tenantDatabase } = this.#needs.prisma;
    const { count } = await tenantDatabase.deleteMany({ where: { id } }).catch(asMasterProblem);
    return count > 0;
  }

  async #one(sql: string, ...ids: readonly string[]): Promise<TenantDatabaseAggregate | null> {
    if (!ids.every(isUuid)) return null;
    const rows = await this.#needs.prisma.$queryRawUnsafe(sql, ...ids).catch(asMasterProblem);
    const [found] = Rows.parse(rows);
    return found === undefined ? null : TenantDatabaseAggregate.fromPrimitives(found.record);
  }
}

const isUuid = (text: string) => z.uuid().safeParse(text).success;

/** The problem that a unique or foreign key of the table stands for; undefined for any other error. */
function takenProblem(error: unknown, record: TenantDatabasePrimitives): Problem | undefined {
  switch (uniqueKeyOf(error)) {
    case 'TenantDatabase_tenantId_key':
      return new Problem('TENANT_DATABASE_TENANT_ID_EXISTS', record.tenantSlug, { cause: error });
    case 'TenantDatabase_pkey':
      return new Problem('TENANT_DATABASE_ALREADY_EXISTS', record.id, { cause: error });
    case 'TenantDatabase_serverName_databaseName_key':
      return new Problem('DATABASE_NAME_TAKEN', record.databaseName, {
        more: `: another tenant's database on server "${record.server}" has it`,
        help: 'Choose another name: tenantctl provision <tenantId> <databaseName>',
        cause: error,
      });
    case 'TenantDatabase_serverName_fkey':
      return new Problem('SERVER_NOT_FOUND', record.server, { cause: error });
    default:
      return undefined;
  }
}
