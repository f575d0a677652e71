import { z } from 'zod';
import type {
  MigrationRunItemViewModel,
  MigrationRunViewModel,
} from '../../application/view-models/migration-run-view-model.ts';
import type { PaginatedResult } from '../../domain/criteria.ts';
import { Problem } from '../../domain/errors.ts';
import { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { FrozenMigration, MigrationRunItemState } from '../../domain/migration-run.ts';
import type { MigrationRunEvent } from '../../ports/event-log.ts';
import type {
  ClaimedItem,
  Lane,
  MigrationRunRepository,
  NewRun,
} from '../../ports/migration-run-repository.ts';
import type {
  AuditRecord,
  TenantDatabaseWriteRepository,
} from '../../ports/tenant-database-write-repository.ts';
import type { Prisma, PrismaClient } from './generated/client.ts';
import { appendFacts } from './append-facts.ts';
import { asMasterProblem, masterProblemOf, uniqueKeyOf } from './prisma-errors.ts';
import { claimItem, settleUnchangedItem } from './claim-statements.ts';
import { RecordJson } from './tenant-database-row.ts';
import { CauseRow, CountRow, countsOf, ItemRow, RunRow, runViewOf } from './migration-run-rows.ts';

type Needs = {
  readonly client: PrismaClient;
  readonly tenantDatabases: TenantDatabaseWriteRepository;
  readonly onEvents: () => void;
};
type Sql = Prisma.TransactionClient;

const Claim = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  attempts: z.int(),
  tenantDatabaseId: z.uuid(),
});
const ClaimedRow = Claim.extend({ record: RecordJson });
const CAUSES_SHOWN = 20;

/** Runs and items on the master database. Its SQL is raw: claiming needs row locks that skip, and counts. */
export class MigrationRunPrismaRepository implements MigrationRunRepository {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async start(run: NewRun, audit: AuditRecord): Promise<MigrationRunViewModel> {
    const { client, onEvents } = this.#needs;
    const going = await this.current();
    if (going !== null) throw new Problem('RUN_IN_PROGRESS', String(going.number));
    const started = await client
      .$transaction(async (tx) => {
        await insertRun(tx, run);
        await freezeItems(tx, run);
        return this.#append(tx, 'MigrationRunStartedEvent', run.id, run.now, audit);
      })
      .catch(async (error: unknown) => {
        if (uniqueKeyOf(error) !== 'MigrationRun_one_at_a_time_key') throw masterProblemOf(error);
        const first = await this.current();
        throw new Problem('RUN_IN_PROGRESS', String(first?.number ?? 'another'), { cause: error });
      });
    onEvents();
    return started;
  }

  async find(idOrNumber: string): Promise<MigrationRunViewModel | null> {
    const id = z.uuid().safeParse(idOrNumber);
    if (id.success) return this.#view(this.#needs.client, id.data);
    if (!/^\d{1,9}$/.test(idOrNumber)) return null;
    const rows = await this.#needs.client.$queryRaw<{ id: string }[]>`
      select id from "MigrationRun" where number = ${Number(idOrNumber)}`.catch(asMasterProblem);
    return rows[0] === undefined ? null : this.#view(this.#needs.client, rows[0].id);
  }

  async newest(limit: number): Promise<readonly MigrationRunViewModel[]> {
    const { client } = this.#needs;
    const rows = await client.$queryRaw<{ id: string }[]>`
      select id from "MigrationRun" order by number desc limit ${limit}`.catch(asMasterProblem);
    const views = await Promise.all(rows.map(({ id }) => this.#view(client, id)));
    return views.filter((view) => view !== null);
  }

  async current(): Promise<MigrationRunViewModel | null> {
    const { client } = this.#needs;
    const rows = await client.$queryRaw<{ id: string }[]>`
      select id from "MigrationRun" where state in ('running', 'paused')`.catch(asMasterProblem);
    return rows[0] === undefined ? null : this.#view(client, rows[0].id);
  }

  async items(search: {
    readonly runId: string;
    readonly state?: MigrationRunItemState | undefined;
    readonly page: number;
    readonly limit: number;
  }): Promise<PaginatedResult<MigrationRunItemViewModel>> {
    const { runId, state = null, page, limit } = search;
    const rows = await this.#needs.client.$queryRaw`
      select i.id, i."runId", i."tenantDatabaseId", t.slug as "tenantSlug", i."serverName" as server, i.state,
             i.attempts, i.lane, i."startedAt", i."endedAt", i."fromVersion", i."toVersion", i."skipReason",
             i.cause, i.failure
      from "MigrationRunItem" i
      join "TenantDatabase" d on d.id = i."tenantDatabaseId"
      join "Tenant" t on t.id = d."tenantId"
      where i."runId" = ${runId}::uuid and (${state}::text is null or i.state = ${state})
      order by array_position(array['failed', 'running', 'skipped', 'pending', 'done', 'unchanged'], i.state),
               i."startedAt" nulls last, i.position
      limit ${limit} offset ${(page - 1) * limit}`.catch(asMasterProblem);
    const totals = await this.#needs.client.$queryRaw<{ total: number }[]>`
      select count(*)::int as total from "MigrationRunItem"
      where "runId" = ${runId}::uuid and (${state}::text is null or state = ${state})`.catch(
      asMasterProblem,
    );
    return { items: z.array(ItemRow).parse(rows), total: totals[0]?.total ?? 0, page, limit };
  }

  async frozen(runId: string): Promise<readonly FrozenMigration[]> {
    const row = await this.#row(this.#needs.client, runId);
    if (row === null) throw new Problem('RUN_NOT_FOUND', runId);
    return row.migrations;
  }

  async serversWithWork(): Promise<readonly { readonly server: string; readonly lanes: number }[]> {
    return this.#needs.client.$queryRaw<{ server: string; lanes: number }[]>`
      select s.name as server, s.lanes
      from "DatabaseServer" s
      where not s.paused and exists (
        select from "MigrationRunItem" i
        join "MigrationRun" r on r.id = i."runId" and r.state = 'running'
        where i."serverName" = s.name and i.state in ('pending', 'running'))`.catch(
      asMasterProblem,
    );
  }

  async claim({ server, lane, daemonId, jobId }: Lane): Promise<ClaimedItem | null> {
    const rows = await this.#needs.client
      .$queryRawUnsafe(claimItem, server, lane, daemonId, jobId)
      .catch(asMasterProblem);
    const [claimed] = z.array(ClaimedRow).parse(rows);
    if (claimed === undefined) return null;
    const { id, runId, attempts, record } = claimed;
    const tenantDatabase = TenantDatabaseAggregate.fromPrimitives(record);
    return { id, runId, attempt: attempts, tenantDatabase };
  }

  async heldBy(lane: Lane): Promise<readonly { readonly itemId: string }[]> {
    return (await this.#held(lane)).map(({ id }) => ({ itemId: id }));
  }

  async putBack(lane: Lane): Promise<number> {
    const { tenantDatabases } = this.#needs;
    const held = await this.#held(lane);
    const now = new Date();
    let back = 0;
    for (const item of held) {
      const database = await tenantDatabases.findById(item.tenantDatabaseId);
      if (database === null) continue;
      if (database.status === 'MIGRATING') database.rolledBack(now);
      else database.released(now);
      const outcome = { state: 'pending', notBefore: now } as const;
      const settleItem = { itemId: item.id, attempt: item.attempts, outcome };
      await tenantDatabases.save(database, { settleItem });
      back += 1;
    }
    return back;
  }

  async settleUnchanged(item: ClaimedItem): Promise<boolean> {
    const { id, attempt, tenantDatabase } = item;
    const settled = await this.#needs.client
      .$executeRawUnsafe(settleUnchangedItem, id, attempt, tenantDatabase.schemaVersion)
      .catch(asMasterProblem);
    return settled === 1;
  }

  async endIfDone(now: Date): Promise<MigrationRunViewModel | null> {
    const { client } = this.#needs;
    const done = await client.$queryRaw<{ id: string }[]>`
      select id from "MigrationRun" r where state = 'running' and not exists (
        select from "MigrationRunItem" i where i."runId" = r.id and i.state in ('pending', 'running'))`.catch(
      asMasterProblem,
    );
    const id = done[0]?.id;
    if (id === undefined) return null;
    const ended = await client
      .$transaction(async (tx) => {
        const updated = await tx.$executeRaw`
        update "MigrationRun" r set "endedAt" = ${now}, state = case when exists (
          select from "MigrationRunItem" i where i."runId" = r.id and i.state = 'failed'
        ) then 'completed-with-failures' else 'completed' end
        where id = ${id}::uuid and state = 'running'`.catch(asMasterProblem);
        return updated === 0
          ? null
          : this.#append(tx, 'MigrationRunEndedEvent', id, now, undefined);
      })
      .catch(asMasterProblem);
    if (ended !== null) this.#needs.onEvents();
    return ended;
  }

  async endedWithin(runId: string, seconds: number): Promise<number> {
    const rows = await this.#needs.client.$queryRaw<{ ended: number }[]>`
      select count(*)::int as ended from "MigrationRunItem"
      where "runId" = ${runId}::uuid and "endedAt" > now() - make_interval(secs => ${seconds})`.catch(
      asMasterProblem,
    );
    return rows[0]?.ended ?? 0;
  }

  /** What the lane is working on, as long as its lease is still this daemon's. */
  async #held({ server, lane, jobId, daemonId }: Lane): Promise<readonly z.infer<typeof Claim>[]> {
    const held = await this.#needs.client.$queryRaw`
      select i.id, i."runId", i.attempts, i."tenantDatabaseId" from "MigrationRunItem" i
      join "WorkLease" w on w."jobId" = ${jobId}::uuid and w."daemonId" = ${daemonId}::uuid
      where i.state = 'running' and i."serverName" = ${server} and i.lane = ${lane}`.catch(
      asMasterProblem,
    );
    return z.array(Claim).parse(held);
  }

  async #append(
    tx: Sql,
    type: MigrationRunEvent['type'],
    runId: string,
    at: Date,
    audit: AuditRecord | undefined,
  ): Promise<MigrationRunViewModel> {
    const run = await this.#view(tx, runId);
    if (run === null) throw new Problem('RUN_NOT_FOUND', runId);
    await appendFacts(tx, { audit, events: [{ type, at, run }] });
    return run;
  }

  async #row(sql: Sql, id: string): Promise<RunRow | null> {
    const rows = await sql.$queryRaw`
      select id, number, state, "targetVersion", migrations, "startedBy", reason, "startedAt", "endedAt"
      from "MigrationRun" where id = ${id}::uuid`.catch(asMasterProblem);
    return z.array(RunRow).parse(rows)[0] ?? null;
  }

  async #view(sql: Sql, id: string): Promise<MigrationRunViewModel | null> {
    const row = await this.#row(sql, id);
    if (row === null) return null;
    const counts = await sql.$queryRaw`
      select state, count(*)::int as count from "MigrationRunItem" where "runId" = ${id}::uuid group by state`.catch(
      asMasterProblem,
    );
    const causes = await sql.$queryRaw`
      select i.cause, count(*)::int as count, (array_agg(i.failure order by i.position))[1] as failure,
             (array_agg(t.slug order by i.position))[1] as slug
      from "MigrationRunItem" i
      join "TenantDatabase" d on d.id = i."tenantDatabaseId"
      join "Tenant" t on t.id = d."tenantId"
      where i."runId" = ${id}::uuid and i.state = 'failed' and i.cause is not null
      group by i.cause order by count(*) desc, i.cause limit ${CAUSES_SHOWN}`.catch(
      asMasterProblem,
    );
    return runViewOf(
      row,
      countsOf(z.array(CountRow).parse(counts)),
      z.array(CauseRow).parse(causes),
    );
  }
}

async function insertRun(tx: Sql, run: NewRun): Promise<void> {
  await tx.$executeRaw`
    insert into "MigrationRun" (id, "targetVersion", migrations, "startedBy", reason, "startedAt")
    values (${run.id}::uuid, ${run.targetVersion}, ${JSON.stringify(run.migrations)}::jsonb, ${run.startedBy},
            ${run.reason}, ${run.now})`;
}

/** Every database that is not deleted becomes an item; those that cannot be migrated say why they are skipped. */
async function freezeItems(tx: Sql, run: NewRun): Promise<void> {
  await tx.$executeRaw`
    insert into "MigrationRunItem"
      (id, "runId", "tenantDatabaseId", "serverName", position, state, "fromVersion", "skipReason")
    select gen_random_uuid(), ${run.id}::uuid, d.id, d."serverName", row_number() over (order by t.slug),
           case when eligible then 'pending' else 'skipped' end, d."schemaVersion",
           case when eligible then null
                when d.status = 'FAILED' then 'FAILED of ' || coalesce(d."failedOperation", 'provision')
                else d.status::text end
    from "TenantDatabase" d
    join "Tenant" t on t.id = d."tenantId",
    lateral (select d.status = 'ACTIVE'
      or (${run.includeFailed} and d.status = 'FAILED' and d."failedOperation" = 'migrate') as eligible) e
    where d."deletedAt" is null`;
}
