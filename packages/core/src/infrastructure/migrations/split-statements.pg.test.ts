import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { runScript } from './run-script.ts';
import { splitStatements } from './split-statements.ts';

let postgres: TestPostgres;
let client: Client;
beforeAll(async () => {
  postgres = await startTestPostgres();
  client = new Client({ connectionString: postgres.url(await postgres.createDatabase()) });
  await client.connect();
  await client.query('CREATE TABLE t (a int)');
});
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const statement = fc.constantFrom(
  'SELECT 1',
  `SELECT 'a;''b' , "relname" FROM pg_class LIMIT 1`,
  String.raw`SELECT E'\';', E'a'` + " -- ;\n '\\';'",
  String.raw`SELECT U&'\0061;', B'101', X'1F', N'\'`,
  'SELECT 1 AS "a;""b"',
  'SELECT $$;$x$;$$, $x$;$$;$x$',
  'SELECT 1 AS a$b$, 2 AS c$b$',
  'SELECT 1 /* ; /* ; */ ; */ + 2',
  "SELECT 3 -- ; it's\n * 4",
  'DO $do$ BEGIN PERFORM 1; BEGIN NULL; END; END $do$',
  'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
  'CREATE OR REPLACE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)',
  'SELECT (ARRAY[1,2])[1], (SELECT 1), 5 %2, 1.5e3, 0x1F',
  'INSERT INTO t VALUES (1)',
);
const between = fc.constantFrom(';', '; -- next\n', ';;\n;', '; /* ; */', ';\r\n', ' ;\t');

it('PostgreSQL completes as many statements as we count', async () => {
  const file = fc.array(fc.tuple(statement, between), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(file, async (pieces) => {
      const sql = pieces.flat().join('');
      const { error, completed } = await runScript(client, sql);
      expect(error).toBeUndefined();
      expect(splitStatements(sql)).toMatchObject({ faults: [] });
      expect(splitStatements(sql).statements).toHaveLength(completed);
    }),
    { numRuns: 300 },
  );
});

it('each statement alone is what PostgreSQL made of it in the file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(statement, between), { maxLength: 6 }), async (pieces) => {
      for (const { text } of splitStatements(pieces.flat().join('')).statements) {
        const { error, completed } = await runScript(client, text);
        expect([error, completed]).toEqual([undefined, 1]);
      }
    }),
    { numRuns: 60 },
  );
});
