import { Problem } from '../../domain/errors.ts';
import { concurrentIndexOf } from './concurrent-index.ts';
import { leadingWords, splitStatements, type Statement } from './split-statements.ts';

/** A migration file, understood. */
export type Script = {
  /**
   * `atomic`: the whole file and its ledger row are one transaction. `split`: it holds a statement that
   * PostgreSQL refuses inside of a transaction, so each statement stands for itself.
   */
  readonly mode: 'atomic' | 'split';
  /** The file without its own BEGIN and COMMIT, which are blanked out: every offset is as in the file. */
  readonly sql: string;
  /** What PostgreSQL will be given, in order; their numbers are those in the file. */
  readonly statements: readonly Statement[];
};

type Refusal = { readonly line: number; readonly what: string };

/**
 * Reads a migration's file. Throws `MIGRATION_REFUSED`, with file and line, for what could take the transaction
 * away, needs a client that is not there, or would be read differently by PostgreSQL than by us.
 *
 * One pair is let through: `BEGIN; … COMMIT;`, which Prisma itself writes around a changed enum. Our own
 * transaction takes its place.
 */
export function readScript(migration: string, sql: string): Script {
  const refuse = ({ line, what }: Refusal): never => {
    throw new Problem('MIGRATION_REFUSED', migration, {
      more: `migration.sql, line ${line}: ${what}`,
      facts: { file: `${migration}/migration.sql`, line },
    });
  };
  const unreadable = unreadableCharacter(sql);
  if (unreadable !== undefined) return refuse(unreadable);
  const { statements, faults } = splitStatements(sql);
  const mode = statements.some(refusesTransaction) ? 'split' : 'atomic';
  const [fault] = faults;
  if (fault !== undefined) {
    // The rows after a COPY are no SQL: what is wrong is the COPY, not the first of them.
    const before = statements.filter(({ line }) => line < fault.line);
    const refused = before.map((statement) => refusalOf(statement, mode)).find(Boolean);
    return refuse(refused ?? fault);
  }
  const brackets = ownTransactions(statements);
  const refusal =
    statements
      .map((statement) => refusalOf(statement, mode))
      .find((found) => found !== undefined) ?? brackets.refusal;
  if (refusal !== undefined) return refuse(refusal);
  const [bracket] = brackets.blanked;
  if (bracket !== undefined && mode === 'split') {
    return refuse({
      line: bracket.line,
      what: `${bracket.text} in a file that has no transaction`,
    });
  }
  const blanked = new Set(brackets.blanked);
  return {
    mode,
    sql: blank(sql, brackets.blanked),
    statements: statements.filter((statement) => !blanked.has(statement)),
  };
}

function unreadableCharacter(sql: string): Refusal | undefined {
  if (sql.startsWith('\ufeff')) {
    return { line: 1, what: 'it begins with a byte order mark; save it as UTF-8 without one' };
  }
  const nul = sql.indexOf('\0');
  if (nul < 0) return undefined;
  return { line: sql.slice(0, nul).split('\n').length, what: 'it holds a NUL character' };
}

/** Finds plain BEGIN … COMMIT pairs; refuses one without the other, and one inside of another. */
function ownTransactions(statements: readonly Statement[]): {
  readonly blanked: readonly Statement[];
  readonly refusal?: Refusal;
} {
  const blanked: Statement[] = [];
  let open: Statement | undefined;
  for (const statement of statements) {
    const words = leadingWords(statement.tokens);
    const bare = statement.tokens.length === words.split(' ').length;
    const begins = /^(BEGIN( WORK| TRANSACTION)?|START TRANSACTION)$/.test(words) && bare;
    const ends = /^(COMMIT|END)( WORK| TRANSACTION)?$/.test(words) && bare;
    if (!begins && !ends) continue;
    if (begins === (open !== undefined)) return { blanked, refusal: unpaired(statement) };
    open = begins ? statement : undefined;
    blanked.push(statement);
  }
  return open === undefined ? { blanked } : { blanked, refusal: unpaired(open) };
}

function unpaired({ line, text }: Statement): Refusal {
  return { line, what: `${text} without its counterpart; the file is one transaction anyway` };
}

const controlsTransaction =
  /^(BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION)\b/;
const plainBracket = /^((BEGIN|COMMIT|END)( WORK| TRANSACTION)?|START TRANSACTION)$/;

function refusalOf({ tokens, line }: Statement, mode: Script['mode']): Refusal | undefined {
  const words = leadingWords(tokens);
  if (controlsTransaction.test(words) && !isPlainBracket(words, tokens.length)) {
    return { line, what: `it controls the transaction (${words}), which is ours` };
  }
  if (words.startsWith('COPY') && copiesFromClient(tokens)) {
    return { line, what: 'COPY … FROM STDIN needs a client that sends the rows' };
  }
  if (words === 'DISCARD ALL') return { line, what: 'DISCARD ALL gives up the migration lock' };
  if (mode === 'atomic') return undefined;
  if (/^SET (SESSION |LOCAL )?(ROLE|SESSION AUTHORIZATION|AUTHORIZATION)\b/.test(words)) {
    return {
      line,
      what: 'another role cannot keep the ledger between the statements of this file',
    };
  }
  if (/^CREATE (UNIQUE )?INDEX CONCURRENTLY\b/.test(words) && !concurrentIndexOf(tokens)) {
    return { line, what: 'give the index a name, so that a broken one can be found again' };
  }
  return undefined;
}

function isPlainBracket(words: string, tokens: number): boolean {
  return plainBracket.test(words) && words.split(' ').length === tokens;
}

function copiesFromClient(tokens: Statement['tokens']): boolean {
  return tokens.some(
    ({ text, kind, depth }, index) =>
      depth === 0 && kind === 'word' && text === 'FROM' && tokens[index + 1]?.text === 'STDIN',
  );
}

const alwaysAlone = new RegExp(
  '^(' +
    [
      'CREATE (UNIQUE )?INDEX CONCURRENTLY',
      'DROP INDEX CONCURRENTLY',
      'REINDEX (DATABASE|SYSTEM|SCHEMA)',
      'REINDEX (INDEX|TABLE) CONCURRENTLY',
      'VACUUM',
      '(CREATE|DROP) (DATABASE|TABLESPACE|SUBSCRIPTION)',
      'ALTER SYSTEM',
      'CLUSTER( VERBOSE)?$',
    ].join('|') +
    ')\\b',
);

/** PostgreSQL answers `25001` to this statement inside of a transaction. */
export function refusesTransaction({ tokens }: Statement): boolean {
  const words = leadingWords(tokens);
  if (alwaysAlone.test(words)) return true;
  const has = (...sought: readonly string[]) =>
    tokens.some((_, at) => sought.every((word, offset) => tokens[at + offset]?.text === word));
  if (words.startsWith('REINDEX')) {
    const [, second] = tokens;
    return (
      second?.text === '(' && (has('CONCURRENTLY') || has(')', 'DATABASE') || has(')', 'SCHEMA'))
    );
  }
  if (words.startsWith('ALTER TABLE')) return has('DETACH', 'PARTITION') && has('CONCURRENTLY');
  return words.startsWith('ALTER DATABASE') && has('SET', 'TABLESPACE');
}

function blank(sql: string, statements: readonly Statement[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text } of statements) {
    result += sql.slice(at, start) + text.replaceAll(/[^\n\r]/g, ' ');
    at = end;
  }
  return result + sql.slice(at);
}
