import type { ErrorCode, Problem } from '@tenantctl/core/domain/errors';

/** What a command's exit says to scripts. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Finished, but some tenants failed or are behind. */
  someFailed: 3,
  unreachable: 4,
  /** Role, state or confirmation. */
  refused: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

const byCode: { readonly [C in ErrorCode]?: ExitCode } = {
  USAGE: exitCode.usage,
  INVALID_INPUT: exitCode.usage,
  INVALID_DATABASE_NAME: exitCode.usage,
  DAEMON_UNREACHABLE: exitCode.unreachable,
  SHUTTING_DOWN: exitCode.unreachable,
  FORBIDDEN: exitCode.refused,
  UNAUTHENTICATED: exitCode.refused,
  NOT_CONFIRMED: exitCode.refused,
  ILLEGAL_TRANSITION: exitCode.refused,
  NOTHING_TO_RETRY: exitCode.refused,
  REVISION_CONFLICT: exitCode.refused,
  OPERATION_IN_PROGRESS: exitCode.refused,
  RUN_IN_PROGRESS: exitCode.refused,
  TENANT_EXISTS: exitCode.refused,
  TENANT_DATABASE_ALREADY_EXISTS: exitCode.refused,
  TENANT_DATABASE_TENANT_ID_EXISTS: exitCode.refused,
  TENANT_DATABASE_DELETED: exitCode.refused,
  DATABASE_NAME_TAKEN: exitCode.refused,
};

/** The exit code of a command that a problem ended. */
export const exitCodeOf = ({ code }: Problem): ExitCode => byCode[code] ?? exitCode.failed;
