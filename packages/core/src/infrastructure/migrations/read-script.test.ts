import { describe, expect, it } from 'vitest';
import { readScript } from './read-script.ts';

const modeOf = (sql: string) => readScript('1_m', sql).mode;

describe('a file is applied statement by statement when PostgreSQL refuses a transaction for', () => {
  it.each([
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'create unique index concurrently if not exists i on t (a)',
    'DROP INDEX CONCURRENTLY i',
    'REINDEX INDEX CONCURRENTLY i',
    'REINDEX TABLE CONCURRENTLY t',
    'REINDEX (VERBOSE, CONCURRENTLY) TABLE t',
    'REINDEX DATABASE',
    'VACUUM',
    'VACUUM (ANALYZE) t',
    'CREATE DATABASE d',
    'DROP TABLESPACE x',
    'ALTER SYSTEM SET work_mem = 1',
    'ALTER DATABASE d SET TABLESPACE x',
    'ALTER TABLE t DETACH PARTITION p CONCURRENTLY',
    'CLUSTER',
    'SELECT 1; VACUUM; SELECT 2',
  ])('%s', (sql) => expect(modeOf(sql)).toBe('split'));
});

describe('a file is one transaction with', () => {
  it.each([
    '',
    '-- nothing but a comment',
    'CREATE INDEX i ON t (a)',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY v',
    `ALTER TYPE e ADD VALUE 'x'`,
    'ANALYZE t',
    'REINDEX TABLE t',
    'CLUSTER t USING i',
    `SELECT 'VACUUM; CREATE INDEX CONCURRENTLY'`,
    '-- VACUUM;\nSELECT 1',
    'CREATE TABLE "vacuum" (a int)',
    'DO $$ BEGIN PERFORM 1; END $$',
  ])('%j', (sql) => expect(modeOf(sql)).toBe('atomic'));
});

describe('a file is refused, with its line, for', () => {
  it.each([
    ['BEGIN;\nSELECT 1;', 1],
    ['SELECT 1;\nCOMMIT;', 2],
    ['BEGIN; BEGIN; COMMIT; COMMIT;', 1],
    ['BEGIN; SELECT 1; COMMIT;\nSELECT 2;\nEND;', 3],
    ['BEGIN ISOLATION LEVEL SERIALIZABLE; COMMIT;', 1],
    ['BEGIN; COMMIT AND CHAIN; COMMIT;', 1],
    ['BEGIN;\nSELECT 1;\nROLLBACK;', 3],
    ['START TRANSACTION READ ONLY;', 1],
    ['SELECT 1;\n\nABORT', 3],
    ['SAVEPOINT a', 1],
    ["PREPARE TRANSACTION 'x'", 1],
    ["COMMIT PREPARED 'x'", 1],
    ['COPY t FROM STDIN;\n1\n\\.', 1],
    ['SELECT 1;\nCOPY t (a, b) FROM STDIN', 2],
    ['SELECT 1;\n\\set x 1', 2],
    ['DISCARD ALL', 1],
    ["SELECT 1;\nSELECT 'a", 2],
    ['SELECT 1;\nSELECT \0;', 2],
    ['\ufeffSELECT 1', 1],
    ['VACUUM;\nCREATE INDEX CONCURRENTLY ON t (a)', 2],
    ['VACUUM;\nSET ROLE x', 2],
    ['VACUUM;\nBEGIN; SELECT 1; COMMIT', 2],
  ])('%j', (sql, line) => {
    expect(() => readScript('1_m', sql)).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_REFUSED',
        subject: '1_m',
        facts: { file: '1_m/migration.sql', line },
        message: expect.stringContaining(`line ${line}:`),
      }),
    );
  });
});

it("COPY to the client, COPY from a file and a column named stdin are nobody's problem", () => {
  for (const sql of ['COPY t TO STDOUT', "COPY t FROM '/x'", 'SELECT stdin FROM t']) {
    expect(modeOf(sql)).toBe('atomic');
  }
});

it('BEGIN and COMMIT around an enum that Prisma changes are blanked out, and nothing else moves', () => {
  const sql = 'SELECT 1;\nBEGIN;\nCREATE TYPE e AS ENUM ();\nCOMMIT WORK;\nSELECT 2;';
  const script = readScript('1_m', sql);
  expect(script.mode).toBe('atomic');
  expect(script.sql).toBe('SELECT 1;\n     ;\nCREATE TYPE e AS ENUM ();\n           ;\nSELECT 2;');
  expect(script.statements.map(({ number }) => number)).toEqual([1, 3, 5]);
});

it('the BEGIN of a function body is not that of a transaction', () => {
  const sql = 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;';
  expect(readScript('1_m', sql).statements).toHaveLength(1);
});
