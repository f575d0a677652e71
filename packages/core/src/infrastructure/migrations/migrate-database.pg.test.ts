import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { MigrationPolicy } from '../../domain/migration-plan.ts';
import type { MigrateOutcome } from '../../ports/tenant-migrator.ts';
import { migrateDatabase, type MigrateDatabase } from './migrate-database.ts';
import { migrationOf } from './migration-folder.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const startup = [
  '-c lock_timeout=300',
  '-c statement_timeout=20s',
  '-c client_connection_check_interval=1s',
].join(' ');

type Row = Record<string, unknown>;

/** One database, migrated with files that are given by name. */
class World {
  readonly database: string;
  readonly watcher: Client;

  constructor(database: string, watcher: Client) {
    this.database = database;
    this.watcher = watcher;
  }

  static async make(): Promise<World> {
    const database = await postgres.createDatabase();
    return new World(database, await connectTo(database, 'watcher'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.end();
  }

  async migrate(
    files: Readonly<Record<string, string>>,
    more: Partial<MigrateDatabase> = {},
  ): Promise<MigrateOutcome> {
    return migrateDatabase({
      database: this.database,
      connect: () => connectTo(this.database, 'migrating'),
      migrations: Object.entries(files).map(([name, sql]) => migrationOf(name, Buffer.from(sql))),
      hooks: { onPending: async () => {} },
      lockWaitMs: 200,
      ...more,
    });
  }

  async rows(sql: string): Promise<readonly Row[]> {
    return (await this.watcher.query<Row>(sql)).rows;
  }

  async tables(): Promise<readonly unknown[]> {
    const rows = await this.rows(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname <> '_prisma_migrations' ORDER BY 1`,
    );
    return rows.map(({ relname }) => relname);
  }

  /** Without what differs from run to run. */
  async ledger(): Promise<readonly Row[]> {
    return this.rows(
      `SELECT migration_name AS name, finished_at IS NOT NULL AS finished,
              rolled_back_at IS NOT NULL AS "rolledBack", applied_steps_count AS steps,
              split_part(logs, E'\\n', 1) AS mark
         FROM _prisma_migrations ORDER BY started_at, id`,
    );
  }
}

async function connectTo(database: string, applicationName: string): Promise<Client> {
  const client = new Client({
    connectionString: postgres.url(database),
    application_name: applicationName,
    options: startup,
  });
  await client.connect();
  return client;
}

function failureOf(outcome: MigrateOutcome) {
  if (outcome.kind === 'failed' || outcome.kind === 'transient') return outcome.failure;
  throw new Error(`it did not fail: ${JSON.stringify(outcome)}`);
}

const done = { finished: true, rolledBack: false, steps: 1, mark: null };

describe('migrations that succeed', () => {
  it('are applied in order, recorded, and found to be done the next time', async () => {
    await using world = await World.make();
    const files = { '2_b': 'ALTER TABLE a ADD b int', '1_a': 'CREATE TABLE a (a int); -- end' };
    const pending: (readonly string[])[] = [];
    const steps: unknown[] = [];
    const hooks = {
      onPending: async (names: readonly string[]) => void pending.push(names),
      onStep: (step: unknown) => void steps.push(step),
    };
    expect(await world.migrate(files, { hooks })).toEqual({
      kind: 'migrated',
      version: '2_b',
      applied: ['1_a', '2_b'],
    });
    expect(await world.migrate(files, { hooks })).toEqual({ kind: 'unchanged', version: '2_b' });
    expect(await world.ledger()).toEqual([
      { name: '1_a', ...done },
      { name: '2_b', ...done },
    ]);
    expect(pending).toEqual([['1_a', '2_b']]);
    expect(steps).toEqual([
      { migration: '1_a', index: 1, total: 2 },
      { migration: '2_b', index: 2, total: 2 },
    ]);
  });

  it('may be empty, or nothing but a comment', async () => {
    await using world = await World.make();
    expect(await world.migrate({ '1_a': '', '2_b': '-- nothing' })).toMatchObject({
      applied: ['1_a', '2_b'],
    });
  });

  it('may bracket themselves as Prisma does around a changed enum', async () => {
    await using world = await World.make();
    const files = { '1_a': 'CREATE TABLE a ();\nBEGIN;\nCREATE TABLE b ();\nCOMMIT;\nSELECT 1/0;' };
    const outcome = await world.migrate(files);
    expect(failureOf(outcome)).toMatchObject({ statementNumber: 5, sqlstate: '22012' });
    expect(await world.tables()).toEqual([]);
  });

  it('leave nothing in the session for the next file', async () => {
    await using world = await World.make();
    const files = {
      '1_a': `CREATE SCHEMA s; SET search_path = s; SET statement_timeout = 9999; SET lock_timeout = 99;
              SELECT set_config('app.x', '1', false); CREATE TEMP TABLE t (); PREPARE p AS SELECT 1;
              SET ROLE pg_database_owner`,
      '2_b': `CREATE TABLE a AS SELECT current_setting('search_path') AS path,
                current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                current_setting('app.x', true) AS x, to_regclass('t') AS temporary, current_user AS role;
              PREPARE p AS SELECT 2`,
    };
    const outcome = await world.migrate(files);
    expect(outcome).toEqual({ kind: 'migrated', version: '2_b', applied: ['1_a', '2_b'] });
    const [row] = await world.rows('SELECT a.*, current_user AS login FROM a');
    expect(row).toMatchObject({ path: '"$user", public', statement: '20s', lock: '300ms' });
    expect(row).toMatchObject({ x: '', temporary: null, role: row?.['login'] });
  });

  it('are not tried when a file is asked for that ends the list earlier', async () => {
    await using world = await World.make();
    const files = { '1_a': 'CREATE TABLE a ()', '2_b': 'SELECT 1/0' };
    expect(await world.migrate(files, { upTo: '1_a' })).toMatchObject({ version: '1_a' });
    expect(await world.migrate(files, { only: new Set(['1_a']) })).toMatchObject({
      kind: 'unchanged',
    });
  });
});

describe('a failing statement', () => {
  it.each<[string, string, number, string]>([
    ['an error at run time', 'SELECT 1;\nSELECT 1/0;\nSELECT 2', 2, 'SELECT 1/0'],
    [
      'an error of syntax in the last one',
      'SELECT 1;; SELECT 2;\nCREATE TABEL x',
      3,
      'CREATE TABEL x',
    ],
    ['a missing end', 'SELECT 1;\nSELECT (', 2, 'SELECT ('],
    [
      'a missing table behind wide characters',
      `SELECT '${'😀'.repeat(40)}';\nSELECT * FROM x;\nSELECT 3`,
      2,
      'SELECT * FROM x',
    ],
    [
      'an error inside of a function',
      'SELECT 1;\nDO $$ BEGIN PERFORM 1/0; END $$',
      2,
      'DO $$ BEGIN PERFORM 1/0; END $$',
    ],
  ])('is named by its number: %s', async (_, sql, statementNumber, statement) => {
    await using world = await World.make();
    const outcome = await world.migrate({ '1_a': 'CREATE TABLE a ()', '2_b': sql });
    expect(outcome.kind).toBe('failed');
    expect(failureOf(outcome)).toMatchObject({
      code: 'MIGRATION_FAILED',
      migration: '2_b',
      statementNumber,
      statement,
    });
    expect(await world.tables()).toEqual(['a']);
  });

  it('takes the whole file back, leaves a failed row, and runs again when the cause is gone', async () => {
    await using world = await World.make();
    const files = {
      '1_a': 'CREATE TABLE a (a int); INSERT INTO a VALUES (1), (1)',
      '2_b': 'CREATE TABLE b (); CREATE UNIQUE INDEX u ON a (a)',
    };
    const failure = failureOf(await world.migrate(files));
    expect(failure).toMatchObject({ sqlstate: '23505', statementNumber: 2, migration: '2_b' });
    expect(failure.detail).toContain('Key (a)=(1) is duplicated');
    const failed = { name: '2_b', ...done, finished: false, steps: 0 };
    const mark = 'tenantctl: failed and was rolled back as a whole';
    expect(await world.ledger()).toEqual([
      { name: '1_a', ...done },
      { ...failed, mark },
    ]);
    expect(await world.tables()).toEqual(['a']);

    await world.watcher.query('DELETE FROM a');
    expect(await world.migrate(files)).toMatchObject({ kind: 'migrated', applied: ['2_b'] });
    expect(await world.ledger()).toEqual([
      { name: '1_a', ...done },
      { ...failed, mark, rolledBack: true },
      { name: '2_b', ...done },
    ]);
  });

  it('may be mended in the file', async () => {
    await using world = await World.make();
    await world.migrate({ '1_a': 'CREATE TABEL a ()' });
    expect(await world.migrate({ '1_a': 'CREATE TABLE a ()' })).toMatchObject({ applied: ['1_a'] });
  });

  it('at COMMIT is a failure too', async () => {
    await using world = await World.make();
    const sql = `CREATE TABLE a (a int PRIMARY KEY, b int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
                 INSERT INTO a VALUES (1, 2)`;
    const outcome = await world.migrate({ '1_a': sql });
    expect(failureOf(outcome)).toMatchObject({ code: 'MIGRATION_FAILED', sqlstate: '23503' });
    expect(await world.tables()).toEqual([]);
    expect(await world.ledger()).toMatchObject([{ finished: false }]);
  });

  it('is one that drops the ledger', async () => {
    await using world = await World.make();
    const outcome = await world.migrate({
      '1_a': 'CREATE TABLE a (); DROP TABLE _prisma_migrations',
    });
    expect(failureOf(outcome)).toMatchObject({ code: 'MIGRATION_FAILED', sqlstate: '42P01' });
    expect(await world.tables()).toEqual([]);
    expect(await world.ledger()).toMatchObject([{ finished: false }]);
  });
});

describe('a file that takes the transaction or the lock away never ends well', () => {
  it.each<[string, string]>([
    ['COMMIT in a DO block', 'CREATE TABLE a (); DO $$ BEGIN COMMIT; END $$'],
    [
      'COMMIT in a procedure',
      'CREATE TABLE a (); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL p()',
    ],
    ['pg_advisory_unlock_all()', 'CREATE TABLE a (); SELECT pg_advisory_unlock_all()'],
    ['the unlocking of just our lock', 'CREATE TABLE a (); SELECT pg_advisory_unlock(72707369)'],
    ['DROP SCHEMA public', 'CREATE TABLE a (); DROP SCHEMA public CASCADE'],
  ])('%s', async (_, sql) => {
    await using world = await World.make();
    const outcome = await world.migrate({ '1_a': sql });
    expect(outcome.kind).toBe('failed');
    expect(await world.tables()).toEqual([]);
    expect(await world.ledger()).toMatchObject([{ name: '1_a', finished: false }]);
  });

  it('the end of its own session', async () => {
    await using world = await World.make();
    const sql = 'CREATE TABLE a (); SELECT pg_terminate_backend(pg_backend_pid())';
    const outcome = await world.migrate({ '1_a': sql });
    expect(outcome.kind).toBe('transient');
    expect(failureOf(outcome)).toMatchObject({ code: 'SERVER_UNREACHABLE', migration: '1_a' });
    expect(await world.tables()).toEqual([]);
    expect(await world.ledger()).toEqual([]);
  });
});

describe('refused before anything runs', () => {
  it('is everything pending when one file is not fit', async () => {
    await using world = await World.make();
    const outcome = await world.migrate({ '1_a': 'CREATE TABLE a ()', '2_b': 'COMMIT' });
    expect(failureOf(outcome)).toMatchObject({ code: 'MIGRATION_REFUSED', migration: '2_b' });
    expect(await world.tables()).toEqual([]);
  });

  it.each<[string, Record<string, string>, string, MigrationPolicy]>([
    ['an edited migration', { '1_a': 'SELECT 2' }, 'MIGRATION_EDITED', { allowEdited: true }],
    ['a missing one', { '3_c': 'SELECT 1' }, 'MIGRATION_MISSING', { allowMissing: true }],
    [
      'a late one',
      { '0_x': '', '1_a': 'SELECT 1' },
      'MIGRATION_OUT_OF_ORDER',
      { allowOutOfOrder: true },
    ],
  ])('is %s, unless allowed', async (_, files, code, policy) => {
    await using world = await World.make();
    await world.migrate({ '1_a': 'SELECT 1' });
    expect(failureOf(await world.migrate(files))).toMatchObject({ code });
    const { kind } = await world.migrate(files, { policy });
    expect(['migrated', 'unchanged']).toContain(kind);
  });

  it('is not an edit of nothing but line ends', async () => {
    await using world = await World.make();
    await world.migrate({ '1_a': 'SELECT 1;\nSELECT 2;\n' });
    expect(await world.migrate({ '1_a': 'SELECT 1;\r\nSELECT 2;\r\n' })).toMatchObject({
      kind: 'unchanged',
    });
  });

  it('is a migration that the Prisma CLI left half done', async () => {
    await using world = await World.make();
    const files = { '1_a': 'SELECT 1', '2_b': 'SELECT 2' };
    await world.migrate(files, { upTo: '1_a' });
    await world.watcher.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '2_b')`,
    );
    expect(failureOf(await world.migrate(files))).toMatchObject({ code: 'MIGRATION_PARTIAL' });
  });

  it('is a database with tables and no ledger', async () => {
    await using world = await World.make();
    await world.watcher.query('CREATE TABLE a ()');
    expect(failureOf(await world.migrate({ '1_a': '' }))).toMatchObject({ code: 'LEDGER_MISSING' });
  });
});

describe('what is not the fault of the tenant', () => {
  it('a lock of another session: nothing is left, no row is written, and it works afterwards', async () => {
    await using world = await World.make();
    const files = {
      '1_a': 'CREATE TABLE a ()',
      '2_b': 'CREATE TABLE b (); ALTER TABLE a ADD a int',
    };
    await world.migrate(files, { upTo: '1_a' });
    await world.watcher.query('BEGIN; LOCK TABLE a IN ACCESS SHARE MODE');
    const outcome = await world.migrate(files);
    expect(outcome.kind).toBe('transient');
    expect(failureOf(outcome)).toMatchObject({
      code: 'LOCK_TIMEOUT',
      sqlstate: '55P03',
      migration: '2_b',
      statementNumber: 2,
    });
    await world.watcher.query('COMMIT');
    expect(await world.tables()).toEqual(['a']);
    expect(await world.ledger()).toHaveLength(1);
    expect(await world.migrate(files)).toMatchObject({ kind: 'migrated' });
  });

  it('another migration that holds the lock', async () => {
    await using world = await World.make();
    await world.watcher.query('SELECT pg_advisory_lock(72707369)');
    const waiting = world.migrate({ '1_a': '' });
    expect(failureOf(await waiting)).toMatchObject({ code: 'MIGRATION_LOCKED' });
    const patient = world.migrate({ '1_a': '' }, { lockWaitMs: 10_000 });
    await eventually(async () => {
      const waits = await world.rows(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrating'`,
      );
      expect(waits).toHaveLength(1);
    });
    await world.watcher.query('SELECT pg_advisory_unlock(72707369)');
    expect(await patient).toMatchObject({ kind: 'migrated' });
  });

  it('a session that is ended in the middle of a file', async () => {
    await using world = await World.make();
    const files = { '1_a': 'CREATE TABLE a (); SELECT pg_sleep(30)' };
    const ending = world.migrate(files);
    await eventually(async () => {
      const ended = await world.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
      expect(ended).toHaveLength(1);
    });
    const outcome = await ending;
    expect(outcome.kind).toBe('transient');
    expect(failureOf(outcome)).toMatchObject({ code: 'SERVER_UNREACHABLE', sqlstate: '57P01' });
    expect(await world.tables()).toEqual([]);
    expect(await world.ledger()).toEqual([]);
  });

  it('a server that does not answer', async () => {
    await using world = await World.make();
    const connect = async (): Promise<Client> => {
      const client = new Client({ host: '127.0.0.1', port: 1 });
      await client.connect();
      return client;
    };
    const outcome = await world.migrate({ '1_a': '' }, { connect });
    expect(outcome).toMatchObject({ kind: 'transient', failure: { code: 'SERVER_UNREACHABLE' } });
  });
});

it('a database that does not exist is a failure, and is not created', async () => {
  await using world = await World.make();
  const connect = () => connectTo('nowhere', 'migrating');
  const outcome = await world.migrate({ '1_a': '' }, { connect, database: 'nowhere' });
  expect(outcome).toMatchObject({
    kind: 'failed',
    failure: { code: 'DATABASE_MISSING', sqlstate: '3D000' },
  });
});

it('a failure says how far the migrations before it have come', async () => {
  await using world = await World.make();
  const files = { '1_a': 'CREATE TABLE a (a int)', '2_b': 'SELECT 1', '3_c': 'SELECT 1/0' };
  expect(await world.migrate(files)).toMatchObject({ kind: 'failed', reached: '2_b' });
  expect(await world.migrate(files)).not.toHaveProperty('reached');
});

it('many at once apply each file once', async () => {
  await using world = await World.make();
  const files = { '1_a': 'CREATE TABLE a (a int)', '2_b': 'INSERT INTO a VALUES (1)' };
  const all = await Promise.all(
    Array.from({ length: 6 }, () => world.migrate(files, { lockWaitMs: 20_000 })),
  );
  expect(all.filter(({ kind }) => kind === 'migrated')).toHaveLength(1);
  expect(all.filter(({ kind }) => kind === 'unchanged')).toHaveLength(5);
  expect(await world.rows('SELECT * FROM a')).toHaveLength(1);
});

it('a repeatable-read default of the database does not hide what was done while we waited', async () => {
  await using world = await World.make();
  await world.watcher.query(
    `ALTER DATABASE ${world.database} SET default_transaction_isolation = 'repeatable read'`,
  );
  const files = { '1_a': 'CREATE TABLE a (a int)', '2_b': 'INSERT INTO a VALUES (1)' };
  await world.migrate(files, { upTo: '1_a' });
  const all = await Promise.all(
    Array.from({ length: 4 }, () => world.migrate(files, { lockWaitMs: 20_000 })),
  );
  expect(all.filter(({ kind }) => kind === 'migrated')).toHaveLength(1);
  expect(await world.rows('SELECT * FROM a')).toHaveLength(1);
});

it('what a hook rejects with reaches the caller, and nothing has been applied', async () => {
  await using world = await World.make();
  const hooks = { onPending: () => Promise.reject(new Error('the record has moved on')) };
  await expect(world.migrate({ '1_a': 'CREATE TABLE a ()' }, { hooks })).rejects.toThrow(
    'moved on',
  );
  expect(await world.tables()).toEqual([]);
});

describe('statement by statement', () => {
  const table = { '1_a': 'CREATE TABLE a (a int); INSERT INTO a VALUES (1), (1)' };
  const split = {
    ...table,
    '2_b':
      'CREATE TABLE b ();\nCREATE UNIQUE INDEX CONCURRENTLY "U x" ON a (a);\nCREATE TABLE c ();',
  };

  it('a file with a concurrent index is applied and counted', async () => {
    await using world = await World.make();
    await world.migrate(table);
    await world.watcher.query('DELETE FROM a');
    expect(await world.migrate(split)).toMatchObject({ kind: 'migrated', applied: ['2_b'] });
    expect(await world.ledger()).toMatchObject([
      {},
      { name: '2_b', ...done, steps: 3, mark: null },
    ]);
    expect(await world.tables()).toEqual(['a', 'b', 'c']);
  });

  it('a failure says what is left, is refused, and goes on at the failed statement when asked', async () => {
    await using world = await World.make();
    const failure = failureOf(await world.migrate(split));
    expect(failure).toMatchObject({
      code: 'MIGRATION_PARTIAL',
      sqlstate: '23505',
      statementNumber: 2,
    });
    expect(failure.message).toContain('it left the INVALID index public."U x"');
    expect(failure.message).toContain('the first 1 statements of the file are applied');
    expect(await world.tables()).toEqual(['a', 'b']);
    expect(failureOf(await world.migrate(split))).toMatchObject({ code: 'MIGRATION_PARTIAL' });

    await world.watcher.query('DELETE FROM a');
    const policy = { resumePartial: true };
    expect(await world.migrate(split, { policy })).toMatchObject({ applied: ['2_b'] });
    expect(await world.tables()).toEqual(['a', 'b', 'c']);
    const valid = await world.rows(
      `SELECT indisvalid FROM pg_index WHERE indexrelid = '"U x"'::regclass`,
    );
    expect(valid).toEqual([{ indisvalid: true }]);
    expect(await world.ledger()).toMatchObject([{}, { name: '2_b', finished: true, steps: 3 }]);
  });

  it('an interrupted one goes on by itself: a lock timeout', async () => {
    await using world = await World.make();
    await world.migrate(table);
    await world.watcher.query('DELETE FROM a; BEGIN; LOCK TABLE a');
    const outcome = await world.migrate(split);
    expect(outcome).toMatchObject({ kind: 'transient', failure: { sqlstate: '55P03' } });
    await world.watcher.query('COMMIT');
    expect(await world.migrate(split)).toMatchObject({ kind: 'migrated', applied: ['2_b'] });
    expect(await world.tables()).toEqual(['a', 'b', 'c']);
  });

  it('an interrupted one whose index was built after all does not build it again', async () => {
    await using world = await World.make();
    await world.migrate(table);
    await world.watcher.query('DELETE FROM a; BEGIN; LOCK TABLE a');
    await world.migrate(split);
    await world.watcher.query('COMMIT');
    await world.watcher.query('DROP INDEX IF EXISTS "U x"');
    await world.watcher.query('CREATE UNIQUE INDEX "U x" ON a (a)');
    const [index] = await world.rows(`SELECT '"U x"'::regclass::oid AS oid`);
    expect(await world.migrate(split)).toMatchObject({ kind: 'migrated' });
    expect(await world.rows(`SELECT '"U x"'::regclass::oid AS oid`)).toEqual([index]);
  });

  it('settings of earlier statements hold again when it is resumed', async () => {
    await using world = await World.make();
    const files = {
      ...table,
      '2_b': 'CREATE SCHEMA s;\nSET search_path = s, public;\nVACUUM nowhere;\nCREATE TABLE x ();',
    };
    expect(failureOf(await world.migrate(files))).toMatchObject({ statementNumber: 3 });
    await world.watcher.query('CREATE TABLE s.nowhere ()');
    expect(await world.migrate(files, { policy: { resumePartial: true } })).toMatchObject({
      applied: ['2_b'],
    });
    expect(await world.rows(`SELECT to_regclass('s.x') IS NOT NULL AS there`)).toEqual([
      { there: true },
    ]);
  });

  it('a failure of the first statement that leaves nothing may simply be repeated', async () => {
    await using world = await World.make();
    const files = { '1_a': 'VACUUM nowhere' };
    expect(failureOf(await world.migrate(files))).toMatchObject({ code: 'MIGRATION_FAILED' });
    await world.watcher.query('CREATE TABLE nowhere ()');
    expect(await world.migrate(files)).toMatchObject({ kind: 'migrated' });
  });

  it('IF NOT EXISTS is not content with an INVALID index', async () => {
    await using world = await World.make();
    await world.migrate(table);
    await world.watcher
      .query('CREATE UNIQUE INDEX CONCURRENTLY u ON a (a)')
      .catch(() => 'duplicates, as it must');
    const files = { ...table, '2_b': 'CREATE INDEX CONCURRENTLY IF NOT EXISTS u ON a (a)' };
    const failure = failureOf(await world.migrate(files));
    expect(failure).toMatchObject({ code: 'MIGRATION_PARTIAL', statementNumber: 1 });
    expect(failure.message).toContain('existed already and is INVALID');
    const policy = { resumePartial: true };
    expect(await world.migrate(files, { policy })).toMatchObject({ kind: 'migrated' });
    expect(await world.rows(`SELECT FROM pg_index WHERE NOT indisvalid`)).toEqual([]);
  });

  it('a statement that gives the lock away ends it', async () => {
    await using world = await World.make();
    const files = { '1_a': 'VACUUM; SELECT pg_advisory_unlock_all(); CREATE TABLE x ()' };
    const failure = failureOf(await world.migrate(files));
    expect(failure).toMatchObject({ code: 'MIGRATION_PARTIAL' });
    expect(failure.message).toContain('our lock');
    expect(await world.tables()).toEqual([]);
  });
});
