import type { ErrorCode } from '../../domain/errors.ts';

/** What an error of a connection or a query means to us. */
export type Meaning = {
  readonly code: ErrorCode;
  /** The world, not the statement, is the cause: the same again may succeed. */
  readonly transient: boolean;
};

const transient = (code: ErrorCode): Meaning => ({ code, transient: true });
const lasting = (code: ErrorCode): Meaning => ({ code, transient: false });

/** The one table from SQLSTATE to the catalogue; a key of two characters stands for the whole class. */
const meanings: Readonly<Record<string, Meaning>> = {
  '08': transient('SERVER_UNREACHABLE'),
  '55P03': transient('LOCK_TIMEOUT'),
  '40001': transient('LOCK_TIMEOUT'),
  '40P01': transient('LOCK_TIMEOUT'),
  '53300': transient('TOO_MANY_CONNECTIONS'),
  '57P01': transient('SERVER_UNREACHABLE'),
  '57P02': transient('SERVER_UNREACHABLE'),
  '57P03': transient('SERVER_UNREACHABLE'),
  '3D000': lasting('DATABASE_MISSING'),
  '28': lasting('PERMISSION_MISSING'),
  '42501': lasting('PERMISSION_MISSING'),
};

/** PostgreSQL's five characters, where the error has them. */
export function sqlstateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : undefined;
}

/**
 * The meaning of an error, or undefined when it is an ordinary error of the statement. An error that did not
 * come from PostgreSQL at all is a connection that was refused, lost or timed out.
 */
export function meaningOf(error: unknown): Meaning | undefined {
  const sqlstate = sqlstateOf(error);
  if (sqlstate === undefined) {
    return isConnectionLoss(error) ? transient('SERVER_UNREACHABLE') : undefined;
  }
  return meanings[sqlstate] ?? meanings[sqlstate.slice(0, 2)];
}

const driverSaysLost =
  /^Connection terminated|^timeout expired|^Query read timeout|is not queryable$|^The server does not support SSL/;

/** The connection was not made, or is gone: nothing is known of a statement that was on its way. */
export function isConnectionLoss(error: unknown): boolean {
  const sqlstate = sqlstateOf(error);
  if (sqlstate !== undefined) return sqlstate.startsWith('08') || /^57P0[123]$/.test(sqlstate);
  if (error instanceof AggregateError) return error.errors.every(isConnectionLoss);
  if (!(error instanceof Error)) return false;
  const fromSocket =
    'code' in error && typeof error.code === 'string' && /^E(?!RR_)[A-Z]/.test(error.code);
  return fromSocket || driverSaysLost.test(error.message);
}
