import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { Problem } from '../../domain/errors.ts';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

type Wait = {
  /** What waits for it, as the error names it. */
  readonly subject: string;
  readonly waitMs: number;
};

/**
 * Does `work` while this session alone holds the advisory lock of that name; sessions in the same database see
 * each other's. The lock lives at most as long as the session. It is polled for, because a session that waits
 * inside the server is in the way of every concurrent index build of that database. Throws `LOCK_TIMEOUT`.
 */
export async function withAdvisoryLock<T>(
  client: Client,
  name: string,
  { subject, waitMs }: Wait,
  work: () => Promise<T>,
): Promise<T> {
  const key = lockKey(name);
  const deadline = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (await tryLock(client, key)) break;
    if (performance.now() > deadline)
      throw new Problem('LOCK_TIMEOUT', subject, { more: `: the lock "${name}" is held` });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  try {
    return await work();
  } finally {
    // A session that is lost has given its locks back already.
    await client.query('SELECT pg_advisory_unlock($1)', [key]).catch(() => {});
  }
}

async function tryLock(client: Client, key: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS locked',
    [key],
  );
  return rows[0]?.locked === true;
}

/** 64 bits of the name's hash, as PostgreSQL's bigint. */
const lockKey = (name: string): string =>
  createHash('sha256').update(`tenantctl:${name}`).digest().readBigInt64BE().toString();
