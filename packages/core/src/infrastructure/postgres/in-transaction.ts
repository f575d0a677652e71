import type { Pool, PoolClient } from 'pg';
import { asMasterProblem, masterProblemOf } from '../prisma/prisma-errors.ts';

/**
 * Does `work` in one transaction on the master database, on its own connection: committed when it resolves, rolled back when it rejects.
 * A connection that cannot even roll back is closed. A master that does not answer is `MASTER_UNREACHABLE`.
 */
export async function inTransaction<T>(
  pool: Pool,
  begin: 'BEGIN' | 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(asMasterProblem);
  // A connection may break between two statements: the next one fails, the process must not.
  const ignore = () => undefined;
  client.on('error', ignore);
  let broken = false;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (broken = true));
    throw masterProblemOf(error);
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}
