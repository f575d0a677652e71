import type { Operation } from '../domain/work.ts';

export type OperationJob = {
  readonly jobId: string;
  readonly operation: Operation;
  readonly tenantDatabaseId: string;
};
export type LaneJob = { readonly jobId: string; readonly server: string; readonly lane: number };

export type QueueWorker = {
  /** Looks for work at once instead of at the next poll. */
  wake(): void;
  /** Takes no more jobs and resolves when those in hand have ended. */
  stop(): Promise<void>;
};

/**
 * Jobs with leases, shared by all daemons on one master. A job whose holder dies is handed out again when its
 * heartbeat is late. The queue promises at least once; exactly once is the tenant database's doing.
 */
export interface WorkQueue {
  /** `handle` resolves when the job is done; it may already have been completed in a transaction. */
  workOperations(
    concurrency: number,
    handle: (job: OperationJob, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWorker>;
  workLanes(
    concurrency: number,
    handle: (job: LaneJob, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWorker>;
  /** Queues the job of a lane; nothing happens when that lane is queued or held already. */
  sendLane(server: string, lane: number): Promise<void>;
  /** Gives back at once what an earlier life of this daemon held; returns how many. */
  freeOwnLeases(): Promise<number>;
}
