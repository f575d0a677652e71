import { setTimeout as delay } from 'node:timers/promises';
import type { Client, QueryResult, QueryResultRow } from 'pg';

/** The key of Prisma's own migration lock. */
const prismaLockKey = 72_707_369;
const pollMs = 100;

type Lock = { readonly locked: boolean };

/**
 * An expression that is true while this session holds the lock. It asks the function behind `pg_locks`: in a session
 * that lives for one migration, taking the view apart costs more than the answer.
 */
export const holdsLock = `EXISTS (
  SELECT FROM pg_catalog.pg_lock_status() AS held
   WHERE held.locktype = 'advisory' AND held.pid = pg_catalog.pg_backend_pid() AND held.granted
     AND held.classid = 0 AND held.objid = ${prismaLockKey} AND held.objsubid = 1)`;

/**
 * Takes the lock that every `prisma migrate` takes, for as long as the session lives; false when it was not to
 * be had within `waitMs`. It polls: a session that waits inside PostgreSQL would hold a snapshot, for which
 * an index that is being built concurrently waits in turn.
 */
export async function acquireLock(client: Client, waitMs: number): Promise<boolean> {
  return (await lockAndRead(client, 'SELECT', waitMs)) !== null;
}

/**
 * Takes the lock and, in the same round trip, reads what it protects; null when it was not to be had. A `read` that
 * fails rejects, and the lock may be held then.
 */
export async function lockAndRead<R extends QueryResultRow>(
  client: Client,
  read: string,
  waitMs: number,
): Promise<readonly R[] | null> {
  // READ COMMITTED whatever the database's default is: `read` must not see a snapshot from before the lock.
  const sql = `BEGIN ISOLATION LEVEL READ COMMITTED;
    SELECT pg_catalog.pg_try_advisory_lock(${prismaLockKey}) AS locked; ${read}; COMMIT`;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const answer: unknown = await client.query(sql);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- four statements, four results
    const [, lock, found] = answer as readonly [
      unknown,
      QueryResult<Lock>,
      QueryResult<R>,
      unknown,
    ];
    if (lock.rows[0]?.locked === true) return found.rows;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return null;
    await delay(Math.min(pollMs, leftMs));
  }
}
