import { Problem } from '@tenantctl/core/domain/errors';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

/**
 * One JSON line each on stdout, or coloured lines for people. An error is written as its code, sentence and
 * stack, never with what a driver hangs on it: connections, parameters and PostgreSQL's `detail` hold secrets
 * and tenants' data.
 */
export function openLog(options: {
  readonly level: string;
  readonly format: 'json' | 'pretty';
}): Log {
  const base = {
    level: options.level,
    base: {},
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: errorOf },
  };
  if (options.format === 'json') return pino(base);
  const look = { ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', colorize: true };
  return pino(base, pretty(look));
}

type LoggedError = {
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
};

function errorOf(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // A problem's stack is where it was found; that of the caller's own faults helps nobody.
  const stack = error instanceof Problem && error.kind === 'caller' ? undefined : error.stack;
  return {
    message,
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: errorOf(cause) }),
  };
}
