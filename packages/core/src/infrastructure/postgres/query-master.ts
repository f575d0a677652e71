import type { Pool, QueryResultRow } from 'pg';
import { asMasterProblem } from '../prisma/prisma-errors.ts';

/** A statement that is asked so often that each connection prepares it once, under this name. */
type Prepared = { readonly name: string; readonly text: string };

/** The rows of one statement on the master database; `MASTER_UNREACHABLE` when it does not answer. */
export async function queryMaster<R extends QueryResultRow>(
  pool: Pool,
  statement: string | Prepared,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const { rows } = await pool.query<R>(statement, [...values]).catch(asMasterProblem);
  return rows;
}
