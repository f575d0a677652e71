import type { Pool, QueryResultRow } from 'pg';
import { asMasterProblem } from '../prisma/prisma-errors.ts';

/** The rows of one statement on the master database; `MASTER_UNREACHABLE` when it does not answer. */
export async function queryMaster<R extends QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const { rows } = await pool.query<R>(text, [...values]).catch(asMasterProblem);
  return rows;
}
