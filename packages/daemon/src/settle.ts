import { problemOf } from '@tenantctl/core/domain/errors';
import { backoffMs, pause } from './backoff.ts';
import type { Log } from './log.ts';

const limits = { firstMs: 100, maxMs: 5000 };

/**
 * Writes down how work ended, however long the master database is away: what was done in a tenant's
 * database must not be forgotten. A refusal (`REVISION_CONFLICT`, any fault of the caller's) is thrown at
 * once: someone else has taken the work over. When the signal aborts the last error is thrown, and whoever
 * takes the work up next asks the tenant's ledger what happened.
 */
export async function settle<T>(
  write: () => Promise<T>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'caller' || signal.aborted) throw error;
      const retryInMs = backoffMs(attempt, limits);
      log.warn({ code: problem.code, attempt, retryInMs, err: error }, 'cannot settle yet');
      await pause(retryInMs, signal);
    }
  }
}
