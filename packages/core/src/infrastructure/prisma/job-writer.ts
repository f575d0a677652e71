import type { Operation } from '../../domain/work.ts';
import type { Prisma } from './generated/client.ts';

/** The job queue as the write repository needs it: within the repository's own transaction. */
export interface JobWriter {
  /** Queues an operation's job; throws `OPERATION_IN_PROGRESS` when the tenant database has one. */
  start(
    tx: Prisma.TransactionClient,
    job: {
      readonly jobId: string;
      readonly operation: Operation;
      readonly tenantDatabaseId: string;
    },
  ): Promise<void>;
  /** Completes a job; nothing happens when it is completed already. */
  complete(tx: Prisma.TransactionClient, jobId: string): Promise<void>;
}
