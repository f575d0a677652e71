import type { Failure } from '@tenantctl/core/domain/failure';

const LOCK_NOT_AVAILABLE = '55P03';
const LOCK_TRIES = 5;
const WORLD_TRIES = 40;

/** The delay before the next try, in backoff.ts's terms. */
export const retryLimits = { firstMs: 500, maxMs: 10_000 };

/**
 * How often something transient is tried before it counts as the tenant's failure. A lock is held by the
 * tenant's own sessions: a few tries. Anything else is the world's (a server that is away or full): many.
 */
export function mostTries({ code, sqlstate }: Failure): number {
  return code === 'LOCK_TIMEOUT' || sqlstate === LOCK_NOT_AVAILABLE ? LOCK_TRIES : WORLD_TRIES;
}
