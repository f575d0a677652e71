import { problemOf } from '@tenantctl/core/domain/errors';
import { failureOf, type Failure } from '@tenantctl/core/domain/failure';
import type { TenantDatabaseAggregate } from '@tenantctl/core/domain/tenant-database';
import type { Operation } from '@tenantctl/core/domain/work';
import { crashPoint } from '@tenantctl/core/ports/crash-point';
import type { OperationJob, QueueWorker, WorkQueue } from '@tenantctl/core/ports/work-queue';
import { backoffMs, pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import type { Service } from '../service.ts';
import { settle } from '../settle.ts';
import { mostTries, retryLimits } from '../tries.ts';
import { migrate } from './migrate.ts';
import type { OperationNeeds, Tried, TryOperation } from './operation.ts';
import { provision } from './provision.ts';
import { resume } from './resume.ts';
import { suspend } from './suspend.ts';

const operations: { readonly [O in Operation]: TryOperation } = {
  provision,
  migrate,
  suspend,
  resume,
};

/** How many operations one daemon carries out at once, over all servers. */
const CONCURRENCY = 4;

type Needs = OperationNeeds & { readonly queue: WorkQueue; readonly log: Log };

/** Carries out operations: takes up the claimed record, tries, and settles record and job in one transaction. */
export class OperationsService implements Service {
  readonly name = 'operations';
  readonly #needs: Needs;
  #worker: QueueWorker | undefined;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Something was queued: look at once. */
  wake(): void {
    this.#worker?.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#worker = await this.#needs.queue.workOperations(CONCURRENCY, (job, lease) =>
      this.#carryOut(job, AbortSignal.any([lease, signal])),
    );
    await new Promise((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', resolve, { once: true });
    });
    await this.#worker.stop();
    this.#worker = undefined;
  }

  async #carryOut(job: OperationJob, signal: AbortSignal): Promise<void> {
    const { tenantDatabases, migrator } = this.#needs;
    const log = this.#needs.log.child({ operation: job.operation, jobId: job.jobId });
    const database = await tenantDatabases.takeUpWork(job.tenantDatabaseId, job.jobId);
    if (database === null) {
      log.debug('nothing to do: the work was settled before');
      return;
    }
    crashPoint('op.claimed');
    const tenant = database.tenantSlug;
    log.debug({ tenant, attempt: database.work?.attempt }, 'operation taken up');
    // Whoever held this before is gone or stopped: it must neither hold the lock nor commit any more.
    if ((database.work?.attempt ?? 1) > 1) await migrator.endSessions(database.server, job.jobId);
    const ended = await this.#untilEnded(job, database, signal);
    crashPoint('op.before_settle');
    await settle(() => tenantDatabases.save(ended, { completeJob: { jobId: job.jobId } }), {
      log,
      signal,
    });
    log.info({ tenant, status: ended.status }, `${job.operation} ended`);
  }

  async #untilEnded(
    job: OperationJob,
    loaded: TenantDatabaseAggregate,
    signal: AbortSignal,
  ): Promise<TenantDatabaseAggregate> {
    let database = loaded;
    for (let attempt = 1; ; attempt += 1) {
      const tried = await this.#try(job, database);
      database = tried.database;
      if (tried.kind === 'ended') return database;
      const { failure, reached } = tried;
      if (attempt >= mostTries(failure)) {
        return this.#giveUp(job.operation, database, failure, reached);
      }
      const retryInMs = backoffMs(attempt, retryLimits);
      this.#needs.log.warn(
        { jobId: job.jobId, code: failure.code, attempt, retryInMs },
        failure.message,
      );
      await pause(retryInMs, signal);
      if (signal.aborted) throw new Error('handed back: the daemon stops or has lost its lease');
    }
  }

  async #try(job: OperationJob, database: TenantDatabaseAggregate): Promise<Tried> {
    try {
      return await operations[job.operation](this.#needs, database, job.jobId);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'bug')
        this.#needs.log.error({ jobId: job.jobId, err: error }, 'operation broke');
      const failure = failureOf(problem);
      if (problem.kind === 'world') return { kind: 'again', database, failure };
      return { kind: 'ended', database: this.#giveUp(job.operation, database, failure) };
    }
  }

  #giveUp(
    operation: Operation,
    database: TenantDatabaseAggregate,
    failure: Failure,
    reached?: string,
  ) {
    const now = this.#needs.clock.now();
    if (operation === 'suspend' || operation === 'resume') database.operationFailed(failure, now);
    else {
      if (database.status === 'ACTIVE') database.migrationStarted(now);
      database.failed(failure, now, reached);
    }
    return database;
  }
}
