import { z } from 'zod';
import { Problem } from '../../domain/errors.ts';
import { isConnectionLoss } from '../postgres/sqlstate.ts';

/** What Prisma's adapter for `pg` tells about an error of the server or of the connection. */
const AdapterError = z.object({
  meta: z.object({
    driverAdapterError: z.object({
      cause: z.object({
        kind: z.string(),
        originalCode: z.string().optional(),
        constraint: z.object({ index: z.string() }).optional(),
      }),
    }),
  }),
});

/** Not to be reached, closed, timed out, no transaction to be had in time. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
const adapterKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);
/** Connection exceptions, no connection left, shut down, starting up, a lock or statement that took too long. */
const sqlstates = /^(08...|53300|57P0[1-5]|55P03|57014)$/;

/** What `pg` says when the pool had no connection to give in time. */
const poolIsEmpty = /^timeout exceeded when trying to connect/;

/** The name of the unique or foreign key that an error is about; undefined for every other error. */
export function uniqueKeyOf(error: unknown): string | undefined {
  const parsed = AdapterError.safeParse(error);
  return parsed.success ? parsed.data.meta.driverAdapterError.cause.constraint?.index : undefined;
}

/** `MASTER_UNREACHABLE` when the master database could not be asked or did not answer; else the error itself. */
export function masterProblemOf(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error) || !isWorlds(error)) return error;
  const more = `: ${error.message.trim().split('\n').at(-1)}`;
  return new Problem('MASTER_UNREACHABLE', 'master', { more, cause: error });
}

/** For `catch`: throws what `masterProblemOf` says. */
export function asMasterProblem(error: unknown): never {
  throw masterProblemOf(error);
}

function isWorlds(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string') {
    if (prismaCodes.has(error.code) || sqlstates.test(error.code)) return true;
  }
  const parsed = AdapterError.safeParse(error);
  if (!parsed.success) return isConnectionLoss(error) || poolIsEmpty.test(error.message);
  const { kind, originalCode = '' } = parsed.data.meta.driverAdapterError.cause;
  return adapterKinds.has(kind) || sqlstates.test(originalCode);
}
