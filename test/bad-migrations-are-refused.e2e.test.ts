import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { tenantctl as run } from './support/command-line.ts';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { everythingOf } from './support/everything.ts';
import { sampleMigrations, type TestMigrations } from './support/fleet.ts';
import { readLedgers } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

const fresh = '20260101000000_fresh';

let postgres: TestPostgres;
let migrations: TestMigrations;
/** The sample's history, from which each test's damage is undone. */
let whole: TestMigrations;
let daemon: TestDaemon;

const tenantctl = (line: string) => run({ words: line.split(' '), daemon: daemon.socket });

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations();
  whole = await sampleMigrations();
  daemon = await startDaemon({ masterUrl: postgres.masterUrl, migrations: migrations.directory });
  for (const slug of ['acme', 'globex', 'bare']) await tenantctl(`tenant create ${slug}`);
  for (const slug of ['acme', 'globex']) {
    expect(await tenantctl(`provision ${slug} --wait`)).toMatchObject({ code: 0, stderr: '' });
  }
});

afterEach(async () => {
  await rm(migrations.directory, { recursive: true, force: true });
  await cp(whole.directory, migrations.directory, { recursive: true });
});

afterAll(async () => {
  await daemon.stop();
  await migrations[Symbol.asyncDispose]();
  await whole[Symbol.asyncDispose]();
  await postgres.stop();
});

/** A new migration, as it would be deployed. */
async function release(sql: string): Promise<void> {
  await mkdir(path.join(migrations.directory, fresh));
  await writeFile(path.join(migrations.directory, fresh, 'migration.sql'), sql);
}

/** Every command that would take migrations from the folder refuses in two lines and changes nothing. */
async function everybodyIsTold(error: string, help: string): Promise<void> {
  const before = await everythingOf(postgres);
  for (const line of [
    'migrate acme',
    'migrate acme --wait',
    'migrate --all --yes --wait',
    'provision bare --wait',
  ]) {
    const { code, stdout, stderr } = await tenantctl(line);
    const [first, second, ...more] = stderr.trimEnd().split('\n');
    expect({ code, stdout, more }).toEqual({ code: 1, stdout: '', more: [] });
    expect(first?.slice(0, error.length)).toBe(error);
    expect(second).toBe(`help: ${help}`);
  }
  expect(await everythingOf(postgres)).toEqual(before);
}

test.for([
  ['BEGIN;\nCREATE TABLE t (a int);\n', 1, 'BEGIN without its counterpart'],
  ['CREATE TABLE t (a int);\nCOMMIT;\n', 2, 'COMMIT without its counterpart'],
  ['BEGIN;\nSELECT 1;\nCOMMIT;\nROLLBACK;\n', 4, 'it controls the transaction (ROLLBACK)'],
  ['\ufeffCREATE TABLE t (a int);\n', 1, 'it begins with a byte order mark'],
  ['COPY customers (email) FROM STDIN;\na@example.org\n\\.\n', 1, 'COPY … FROM STDIN needs'],
  ['CREATE TABLE t (a int);\n\\d t\n', 2, 'a backslash command is for psql'],
  ['CREATE TABLE t (a int);\n\\i other.sql\n', 2, 'a backslash command is for psql'],
  ["SELECT 1;\nSELECT 'a", 2, 'the string that begins here has no end'],
  ['CREATE TABLE t (\0 int);\n', 1, 'it holds a NUL character'],
] as const)('a new file %j is refused, with its line', async ([sql, line, why]) => {
  await release(sql);
  await everybodyIsTold(
    `error[MIGRATION_REFUSED]: The migration "${fresh}" is refused: migration.sql, line ${line}: ${why}`,
    'Change the file, then repeat the command.',
  );
});

test('a folder that is missing, empty or holds a folder without a file is refused', async () => {
  const { directory } = migrations;
  await mkdir(path.join(directory, fresh));
  await everybodyIsTold(
    `error[MIGRATION_FILE_MISSING]: The migration "${fresh}" has no migration.sql`,
    'Restore the file, or remove its folder.',
  );
  await rm(directory, { recursive: true });
  await everybodyIsTold(
    `error[MIGRATIONS_DIR_MISSING]: The migrations folder "${directory}" does not exist`,
    'Point TENANTD_MIGRATIONS_DIR or --migrations at a Prisma migrations folder.',
  );
  await mkdir(directory);
  await everybodyIsTold(
    `error[MIGRATIONS_DIR_EMPTY]: The migrations folder "${directory}" holds no migration`,
    'A migration is a folder with a migration.sql in it.',
  );
});

test('a folder for another database is refused', async () => {
  await writeFile(path.join(migrations.directory, 'migration_lock.toml'), 'provider = "mysql"\n');
  await release('SELECT 1');
  await everybodyIsTold(
    'error[MIGRATION_REFUSED]: The migration "migration_lock.toml" is refused: the migrations are written for "mysql"',
    'Change the file, then repeat the command.',
  );
});

const third = '20250218100000_order_status';

test.for([
  [
    'MIGRATION_EDITED',
    `The migration "${third}" was edited after it was applied`,
    'Restore the file as it was and write a new migration instead.',
    (directory: string) => appendFile(path.join(directory, third, 'migration.sql'), '-- edited\n'),
  ],
  [
    'MIGRATION_MISSING',
    `The migration "${third}" was applied but is not on disk`,
    'Restore its folder.',
    (directory: string) => rm(path.join(directory, third), { recursive: true }),
  ],
] as const)('%s: no database is touched, and each says why', async ([code, why, help, damage]) => {
  const ledgers = await readLedgers(postgres);
  await release('CREATE TABLE never (a int)');
  await damage(migrations.directory);

  expect(await tenantctl('migrate acme --wait')).toEqual({
    code: 1,
    stdout: '',
    stderr: `error[${code}]: Tenant "acme": ${why}\nhelp: ${help}\n`,
  });
  expect(await tenantctl('retry acme --wait')).toMatchObject({ code: 1 });
  expect(await tenantctl('migrate acme --wait')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('help: Remove the cause, then: tenantctl retry acme\n'),
  });
  const all = await tenantctl('migrate --all --yes --wait');
  expect(all.code).toBe(3);
  expect(all.stdout).toMatch(new RegExp(` 1  globex +${code} · ${third} · ${why}`));
  const { stdout } = await tenantctl('get globex');
  expect(stdout).toMatch(/^status +✗ FAILED$/m);
  expect(stdout).toContain(why);
  expect(await readLedgers(postgres)).toEqual(ledgers);

  await rm(path.join(migrations.directory, fresh), { recursive: true });
  await cp(whole.directory, migrations.directory, { recursive: true });
  expect(await tenantctl('retry acme globex --wait')).toMatchObject({ code: 0, stderr: '' });
  expect(await readLedgers(postgres)).toEqual(ledgers);
});
