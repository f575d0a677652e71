import { escapeIdentifier, type Client } from 'pg';
import { leadingWords, type Statement, type Token } from './split-statements.ts';

/** The index that a CREATE INDEX CONCURRENTLY names. */
export type ConcurrentIndex = {
  /** As PostgreSQL stores it, but for the cut at 63 bytes. */
  readonly name: string;
  /** Quoted, with its schema where the statement has one. */
  readonly table: string;
  readonly ifNotExists: boolean;
};

/** Reads the names of a CREATE INDEX CONCURRENTLY; undefined for any other statement, and for an index without a name. */
export function concurrentIndexOf(tokens: readonly Token[]): ConcurrentIndex | undefined {
  if (!/^CREATE (UNIQUE )?INDEX CONCURRENTLY\b/.test(leadingWords(tokens))) return undefined;
  let at = tokens.findIndex(({ text }) => text === 'CONCURRENTLY') + 1;
  const ifNotExists = tokens[at]?.kind === 'word' && tokens[at]?.text === 'IF';
  if (ifNotExists) at += 3;
  const name = nameOf(tokens[at]);
  const on = tokens[at + 1];
  if (name === undefined || on?.kind !== 'word' || on.text !== 'ON') return undefined;
  at += tokens[at + 2]?.kind === 'word' && tokens[at + 2]?.text === 'ONLY' ? 3 : 2;
  const parts = [nameOf(tokens[at])];
  if (tokens[at + 1]?.text === '.') parts.push(nameOf(tokens[at + 2]));
  const table = parts.map((part) => escapeIdentifier(part ?? '')).join('.');
  return { name, table, ifNotExists };
}

function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === 'quoted') return token.text;
  return token?.kind === 'word' ? token.text.toLowerCase() : undefined;
}

/** The index in the database, by its quoted name; undefined when there is none of that name on that table. */
export async function findIndex(
  client: Client,
  { name, table }: ConcurrentIndex,
): Promise<{ readonly quotedName: string; readonly valid: boolean } | undefined> {
  const { rows } = await client.query<{ quotedName: string; valid: boolean }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS "quotedName", i.indisvalid AS valid
       FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = $1::text::name AND i.indrelid = pg_catalog.to_regclass($2)`,
    [name, table],
  );
  return rows[0];
}

/** Names of all indexes that a concurrent build left unfinished. */
export async function invalidIndexes(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT i.indisvalid
      ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** True for DROP INDEX CONCURRENTLY, which may be repeated: an index that is gone was dropped. */
export function dropsIndexConcurrently({ tokens }: Statement): boolean {
  return leadingWords(tokens).startsWith('DROP INDEX CONCURRENTLY');
}
