import { problemOf, type Problem } from '@tenantctl/core/domain/errors';
import type { FrozenMigration } from '@tenantctl/core/domain/migration-run';
import type { ClaimedItem, Lane } from '@tenantctl/core/ports/migration-run-repository';
import { backoffMs, pause } from '../backoff.ts';
import { workItem, type ItemNeeds } from './item.ts';

const limits = { firstMs: 200, maxMs: 5000 };

/**
 * Works a lane empty: first what a dead predecessor left in it, then item after item until none of this
 * server can be claimed, looking once more before it ends. Ends early, between two items, when the signal
 * aborts. The master database going away is waited out.
 */
export async function workLane(needs: ItemNeeds, lane: Lane, signal: AbortSignal): Promise<void> {
  const frozenOf = frozenMigrations(needs);
  let failures = 0;
  let takenOver = false;
  while (!signal.aborted) {
    try {
      if (!takenOver) await takeOver(needs, lane);
      takenOver = true;
      const item = await needs.runs.claim(lane);
      if (item === null) return;
      await workItem(needs, item, await frozenOf(item), signal);
      failures = 0;
    } catch (error) {
      failures += 1;
      const problem = problemOf(error);
      if (problem.code === 'REVISION_CONFLICT') return supersede(needs, lane, problem);
      const retryInMs = backoffMs(failures, limits);
      needs.log.warn({ lane, code: problem.code, retryInMs, err: error }, problem.message);
      // What this lane still holds in the store must be put back before it claims again.
      takenOver = false;
      await pause(retryInMs, signal);
    }
  }
}

/** What this lane had in hand was settled by somebody else: it is not ours any more. The next tick sends it anew. */
function supersede({ log }: ItemNeeds, lane: Lane, { code, message }: Problem): void {
  log.warn({ lane, code }, `${message}; the lane ends`);
}

/** Puts back what this lane holds in the store; the sessions that worked on it must end first. */
async function takeOver({ runs, migrator, log }: ItemNeeds, lane: Lane): Promise<void> {
  const held = await runs.heldBy(lane);
  await Promise.all(held.map(({ itemId }) => migrator.endSessions(lane.server, itemId)));
  const back = held.length === 0 ? 0 : await runs.putBack(lane);
  if (back > 0)
    log.info({ lane, items: back }, 'took over what a lane before this one had in hand');
}

/** A run's frozen migrations, read once per lane. */
function frozenMigrations({ runs }: ItemNeeds) {
  const byRun = new Map<string, readonly FrozenMigration[]>();
  return async (item: ClaimedItem) => {
    const known = byRun.get(item.runId);
    if (known !== undefined) return known;
    const frozen = await runs.frozen(item.runId);
    byRun.set(item.runId, frozen);
    return frozen;
  };
}
