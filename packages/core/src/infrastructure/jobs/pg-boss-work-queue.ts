import { fromPrisma, PgBoss, type JobWithMetadata, type PrismaTransactionLike } from 'pg-boss';
import type { Pool } from 'pg';
import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import { Operation } from '../../domain/work.ts';
import { masterProblemOf } from '../prisma/prisma-errors.ts';
import type { LaneJob, OperationJob, QueueWorker, WorkQueue } from '../../ports/work-queue.ts';

const operationQueue = 'tenant-operation';
const laneQueue = 'run-lane';

/**
 * Leases as they were measured: a job whose heartbeat is 10 s late is handed out again, within 15 s.
 * `exclusive` with a singletonKey: one job per tenant database, one per lane, over all daemons. No
 * LISTEN/NOTIFY: with it, a retried job waits for the slow backstop poll instead of the next one.
 */
const leased = {
  policy: 'exclusive',
  heartbeatSeconds: 10,
  retryLimit: 1000,
  retryDelay: 0,
  expireInSeconds: 86_400,
} as const;
const polled = {
  batchSize: 1,
  pollingIntervalSeconds: 0.5,
  heartbeatRefreshSeconds: 3,
  includeMetadata: true,
} as const;

const OperationData = z.object({ operation: Operation, tenantDatabaseId: z.uuid() });
const LaneData = z.object({ server: z.string(), lane: z.int() });

type Needs = {
  /** The master's: the queue has no connections of its own. */
  readonly pool: Pool;
  readonly daemonId: string;
  /** Errors of the queue's own upkeep, a lost connection for example; it goes on by itself. */
  readonly onError: (error: Error) => void;
};

/** Jobs on pg-boss, in the master database (schema `pgboss`). */
export class PgBossWorkQueue implements WorkQueue {
  readonly #boss: PgBoss;
  readonly #daemonId: string;

  private constructor(boss: PgBoss, daemonId: string) {
    this.#boss = boss;
    this.#daemonId = daemonId;
  }

  /** Starts pg-boss: its schema and queues are there when this resolves. Throws `MASTER_UNREACHABLE`. */
  static async open({ pool, daemonId, onError }: Needs): Promise<PgBossWorkQueue> {
    const boss = new PgBoss({
      db: { executeSql: (text, values) => pool.query(text, values) },
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
      schedule: false,
      persistWarnings: true,
    });
    boss.on('error', onError);
    try {
      await boss.start();
      // One after the other: both take pg-boss's schema lock.
      for (const queue of [operationQueue, laneQueue]) await boss.createQueue(queue, leased);
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw masterProblemOf(error);
    }
    return new PgBossWorkQueue(boss, daemonId);
  }

  /** Takes no more jobs and waits for those in hand. */
  async close(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 30_000 });
  }

  /** Queues an operation's job in the caller's transaction. */
  async start(tx: PrismaTransactionLike, job: OperationJob): Promise<void> {
    const { jobId, operation, tenantDatabaseId } = job;
    const sent = await this.#boss.send(
      operationQueue,
      { operation, tenantDatabaseId },
      { id: jobId, singletonKey: tenantDatabaseId, db: fromPrisma(tx) },
    );
    if (sent === null) throw new Problem('OPERATION_IN_PROGRESS', tenantDatabaseId);
  }

  /** Completes an operation's job in the caller's transaction; nothing happens when it is completed already. */
  async complete(tx: PrismaTransactionLike, jobId: string): Promise<void> {
    await this.#boss.complete(operationQueue, jobId, null, { db: fromPrisma(tx) });
  }

  async workOperations(
    concurrency: number,
    handle: (job: OperationJob, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWorker> {
    return this.#work(operationQueue, concurrency, (job, signal) =>
      handle({ jobId: job.id, ...OperationData.parse(job.data) }, signal),
    );
  }

  async workLanes(
    concurrency: number,
    handle: (job: LaneJob, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWorker> {
    return this.#work(laneQueue, concurrency, (job, signal) =>
      handle({ jobId: job.id, ...LaneData.parse(job.data) }, signal),
    );
  }

  async sendLane(server: string, lane: number): Promise<void> {
    await this.#boss.send(laneQueue, { server, lane }, { singletonKey: `${server}/${lane}` });
  }

  async freeOwnLeases(): Promise<number> {
    const leases = await this.#sql(
      'delete from "WorkLease" where "daemonId" = $1::uuid returning "jobId", queue',
      [this.#daemonId],
    );
    const held = z.array(z.object({ jobId: z.string(), queue: z.string() })).parse(leases);
    await Promise.all(held.map(({ jobId, queue }) => this.#boss.fail(queue, jobId)));
    return held.length;
  }

  /** As many workers of one job each, so that each can be woken by its id. */
  async #work(
    queue: string,
    concurrency: number,
    handle: (job: JobWithMetadata<unknown>, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWorker> {
    const one = () => this.#workOne(queue, handle);
    const ids = await Promise.all(Array.from({ length: concurrency }, one));
    return {
      wake: () => {
        for (const id of ids) this.#boss.notifyWorker(id);
      },
      stop: async () => {
        await Promise.all(ids.map((id) => this.#boss.offWork(queue, { id, wait: true })));
      },
    };
  }

  async #workOne(
    queue: string,
    handle: (job: JobWithMetadata<unknown>, signal: AbortSignal) => Promise<void>,
  ): Promise<string> {
    const id = await this.#boss.work<unknown, void, typeof polled>(queue, polled, async ([job]) => {
      if (job === undefined) return;
      await this.#lease(queue, job.id);
      try {
        await handle(job, job.signal);
      } finally {
        await this.#release(job.id);
        // There may be more: look at once instead of at the next poll.
        this.#boss.notifyWorker(id);
      }
    });
    return id;
  }

  async #lease(queue: string, jobId: string): Promise<void> {
    await this.#sql(
      `insert into "WorkLease" ("jobId", queue, "daemonId", "takenAt") values ($1::uuid, $2, $3::uuid, now())
       on conflict ("jobId") do update set "daemonId" = excluded."daemonId", "takenAt" = now()`,
      [jobId, queue, this.#daemonId],
    );
  }

  /** The lease is only a help for the next life: losing the master here must not fail work that is done. */
  async #release(jobId: string): Promise<void> {
    const mine = [jobId, this.#daemonId];
    await this.#sql(
      'delete from "WorkLease" where "jobId" = $1::uuid and "daemonId" = $2::uuid',
      mine,
    ).catch(() => undefined);
  }

  async #sql(text: string, values: unknown[]): Promise<unknown> {
    const { rows } = await this.#boss.getDb().executeSql(text, values);
    return rows;
  }
}
