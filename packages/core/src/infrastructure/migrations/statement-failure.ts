import { DatabaseError } from 'pg';
import type { Failure } from '../../domain/failure.ts';
import type { ErrorCode, Problem } from '../../domain/errors.ts';
import { meaningOf, sqlstateOf } from '../postgres/sqlstate.ts';
import type { Statement } from './split-statements.ts';

/** What ended a migration of one database. */
export type Ended = {
  readonly failure: Failure;
  /** The same again may succeed: nothing about the tenant is wrong. */
  readonly transient: boolean;
};

const keptStatementLength = 4_000;

/** Where an error happened. */
export type Where = {
  readonly migration?: string | undefined;
  readonly statement?: Statement | undefined;
  /** The code when the error's own meaning gives none. */
  readonly code: ErrorCode;
  /** Continues PostgreSQL's message. */
  readonly more?: string | undefined;
};

/**
 * The failure an error of a query or a connection stands for. A transient cause is named by its own code; in
 * a statement of a migration everything else has the code of the place.
 */
export function endedBy(error: unknown, where: Where): Ended {
  const meaning = meaningOf(error);
  const transient = meaning?.transient ?? false;
  const code =
    transient || where.migration === undefined ? (meaning?.code ?? where.code) : where.code;
  const sqlstate = sqlstateOf(error);
  const detail = detailOf(error);
  const { migration, statement, more = '' } = where;
  return {
    transient,
    failure: {
      code,
      message: messageOf(error) + more,
      ...(sqlstate !== undefined && { sqlstate }),
      ...(migration !== undefined && { migration }),
      ...(statement !== undefined && {
        statementNumber: statement.number,
        statement: statement.text.slice(0, keptStatementLength),
      }),
      ...(detail !== undefined && { detail }),
    },
  };
}

/** The failure a problem of the catalogue stands for. */
export function endedByProblem(problem: Problem, migration?: string): Ended {
  const { sqlstate } = problem.facts;
  return {
    transient: problem.kind === 'world',
    failure: {
      code: problem.code,
      message: problem.message,
      ...(typeof sqlstate === 'string' && { sqlstate }),
      ...(migration !== undefined && { migration }),
    },
  };
}

/** What stands in the ledger below the mark: the error as Prisma words it, and the statement. */
export function logsOf(mark: string, { failure }: Ended): string {
  const { sqlstate, message, detail, statementNumber, statement } = failure;
  return [
    mark,
    `Database error code: ${sqlstate ?? failure.code}`,
    `Database error:\n${message}`,
    ...(detail === undefined ? [] : [detail]),
    ...(statement === undefined ? [] : [`Statement ${statementNumber}:\n${statement}`]),
  ].join('\n\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function detailOf(error: unknown): string | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  const { detail, hint, where } = error;
  const parts = [detail, hint && `Hint: ${hint}`, where && `Where: ${where}`].filter(Boolean);
  return parts.length === 0 ? undefined : parts.join('\n');
}

/**
 * The statement at which a string of statements ended: by the position in the error where there is one (an error of
 * syntax stops all of them before the first has run), else the one after those that were completed.
 * `sent` is the string, which holds the file from `offset` on; `before` is how many statements precede it.
 */
export function failingStatement(
  error: unknown,
  run: { readonly sent: string; readonly offset: number; readonly before: number },
  {
    completed,
    statements,
  }: { readonly completed: number; readonly statements: readonly Statement[] },
): Statement | undefined {
  const position = error instanceof DatabaseError ? Number(error.position) : Number.NaN;
  if (Number.isInteger(position)) {
    const at = utf16Offset(run.sent, position - 1) - run.offset;
    // Between two statements PostgreSQL points behind the first: "syntax error at end of input".
    const found = statements.findLast(({ start }) => start <= at);
    if (found !== undefined) return found;
  }
  return statements[completed - run.before];
}

/** PostgreSQL counts characters, JavaScript UTF-16 units. */
function utf16Offset(text: string, characters: number): number {
  if (!/[\ud800-\udbff]/.test(text)) return characters;
  let offset = 0;
  for (let left = characters; left > 0 && offset < text.length; left -= 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
