import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tenantctl as run, type CommandResult } from './support/command-line.ts';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { sampleMigrations, type TestMigrations } from './support/fleet.ts';
import { withSuperuser } from './support/ledgers.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';
import { everythingOf } from './support/everything.ts';

const nobody = randomUUID();
const longName = 'a'.repeat(59);

let postgres: TestPostgres;
let migrations: TestMigrations;
let daemon: TestDaemon;

const tenantctl = (...words: readonly string[]) => run({ words, daemon: daemon.socket });
const words = (line: string) => line.split(' ');

/** A command that must succeed, to make the world that a refusal is about. */
async function done(line: string): Promise<void> {
  expect(await tenantctl(...words(line))).toMatchObject({ code: 0 });
}

/** The refusal of a command that must change nothing at all: its exit code and its two lines. */
async function refused(...typed: readonly string[]) {
  const before = await everythingOf(postgres);
  const result = await tenantctl(...typed);
  expect(await everythingOf(postgres)).toEqual(before);
  return told(result);
}

/** What a command told when it did not succeed: nothing on stdout, an error and its help on stderr. */
function told({ code, stdout, stderr }: CommandResult) {
  expect(stdout).toBe('');
  const [error, help, ...more] = stderr.trimEnd().split('\n');
  expect(more).toEqual([]);
  return { code, error, help };
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations();
  daemon = await startDaemon({ masterUrl: postgres.masterUrl, migrations: migrations.directory });
  for (const slug of ['active', 'suspended', 'bare', 'broken']) await done(`tenant create ${slug}`);
  await done('provision active active_shop --wait');
  await done('provision suspended --wait');
  await done('suspend suspended --wait');
  await withSuperuser(postgres, 'postgres', (client) =>
    client.query('CREATE DATABASE foreign_shop'),
  );
  expect((await tenantctl(...words('provision broken foreign_shop --wait'))).code).toBe(1);
});

afterAll(async () => {
  await daemon.stop();
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

describe('a tenant that does not exist', () => {
  const help =
    'help: Create it with: tenantctl tenant create <slug>, or list those there are: tenantctl tenant list';

  test.for(['get', 'provision', 'migrate', 'retry', 'suspend', 'resume'])('%s', async (command) => {
    for (const name of ['nobody', nobody]) {
      const unknown = {
        code: 1,
        error: `error[TENANT_NOT_FOUND]: No tenant "${name}" exists`,
        help,
      };
      expect(await refused(command, name)).toEqual(unknown);
      if (command !== 'get') expect(await refused(command, name, '--wait')).toEqual(unknown);
    }
  });

  test.for([
    [['get', 'no body']],
    [['suspend', 'no body']],
    [['suspend', 'no body', '--wait']],
    [['migrate', '']],
  ])('%j names none at all', async ([typed = []]) => {
    expect(await refused(...typed)).toEqual({
      code: 2,
      error: `error[INVALID_INPUT]: "tenantId" is "${typed[1]}", which is neither a UUID nor a slug`,
      help: 'help: List tenants with: tenantctl tenant list',
    });
  });

  test('a tenant without a database is told from one that does not exist', async () => {
    expect(await refused('get', 'bare')).toEqual({
      code: 1,
      error: 'error[TENANT_DATABASE_NOT_FOUND]: No tenant database "bare" exists',
      help: 'help: Provision one with: tenantctl provision bare',
    });
    expect((await refused('migrate', 'bare')).error).toContain('[TENANT_DATABASE_NOT_FOUND]');
  });
});

describe('a database name', () => {
  test.for([
    'Upper',
    longName,
    '1st',
    'a"b',
    "a'b",
    'a; drop database postgres',
    'a b',
    'a\nb',
    '😀',
    'ä',
    '',
  ])('%j is not legal', async (name) => {
    expect(await refused('provision', 'bare', name)).toEqual({
      code: 2,
      error: `error[INVALID_DATABASE_NAME]: The database name "${name.replace('\n', ' ')}" must match ^[a-z][a-z0-9_-]{0,57}$`,
      help: 'help: Use lower-case letters, digits, _ and -, starting with a letter, at most 58 characters.',
    });
  });

  test.for(['postgres', 'template0', 'template1', 'pg_x', 'tenantctl_x'])(
    '%s is reserved',
    async (name) => {
      const { code, error } = await refused('provision', 'bare', name, '--wait');
      expect({ code, error }).toEqual({
        code: 2,
        error: `error[INVALID_DATABASE_NAME]: The database name "${name}" is reserved, as are postgres, template0, template1 and all that begin with pg_ or tenantctl_`,
      });
    },
  );

  test('that another tenant has is refused', async () => {
    for (const wait of ['--wait', '--no-wait']) {
      expect(await refused('provision', 'bare', 'active_shop', wait)).toEqual({
        code: 5,
        error: `error[DATABASE_NAME_TAKEN]: The database name "active_shop" is taken: another tenant's database on server "default" has it`,
        help: 'help: Choose another name: tenantctl provision bare <databaseName>',
      });
    }
  });

  test('that a database has which is not ours ends FAILED, until that one is out of the way', async () => {
    const taken = {
      code: 1,
      error: `error[DATABASE_NAME_TAKEN]: Tenant "broken": The database name "foreign_shop" is taken: the database that has it does not carry our mark`,
      help: 'help: Rename the other database or drop it, then: tenantctl retry broken',
    };
    const server = ({ databases, roles }: Awaited<ReturnType<typeof everythingOf>>) => ({
      databases,
      roles,
    });
    const before = server(await everythingOf(postgres));
    expect(told(await tenantctl('retry', 'broken', '--wait'))).toEqual(taken);
    expect(server(await everythingOf(postgres))).toEqual(before);
    expect(JSON.parse((await tenantctl('get', 'broken', '-o', 'json')).stdout)).toMatchObject({
      status: 'FAILED',
      failedOperation: 'provision',
      errorCode: 'DATABASE_NAME_TAKEN',
      databaseName: 'foreign_shop',
    });
    for (const [command, legal] of [
      ['suspend', 'its provisioning failed: retry that first'],
      ['migrate', 'legal now: retried, repaired by hand'],
      ['resume', 'legal now: retried, repaired by hand'],
    ] as const) {
      const verb = { suspend: 'suspended', migrate: 'migrated', resume: 'resumed' }[command];
      expect(await refused(command, 'broken')).toEqual({
        code: 5,
        error: `error[ILLEGAL_TRANSITION]: Tenant database "broken" is FAILED and cannot be ${verb} (${legal})`,
        help: 'help: Remove the cause, then: tenantctl retry broken',
      });
    }
    await withSuperuser(postgres, 'postgres', (client) =>
      client.query('ALTER DATABASE foreign_shop RENAME TO foreign_shop_of_before'),
    );
    await done('retry broken --wait');
    const { databases } = await everythingOf(postgres);
    const named = new Map(databases.map(({ name, mark }) => [name, mark]));
    expect(named.get('foreign_shop_of_before')).toBeNull();
    expect(named.get('foreign_shop')).toMatch(/^tenantctl:/);
  });
});

describe('a status that a command does not fit', () => {
  const is = (status: string, verb: string, legal: string) =>
    `error[ILLEGAL_TRANSITION]: Tenant database "${status.toLowerCase()}" is ${status} and cannot be ${verb} (legal now: ${legal})`;
  const nothing = (status: string) =>
    `error[NOTHING_TO_RETRY]: Tenant database "${status.toLowerCase()}" is ${status}, so there is nothing to retry`;
  const reopen = 'help: Open it again with: tenantctl resume suspended';

  test.for([
    ['resume active', is('ACTIVE', 'resumed', 'migrated, suspended'), /tenantctl get active$/],
    ['retry active', nothing('ACTIVE'), /migrate an ACTIVE one\.$/],
    ['suspend suspended', is('SUSPENDED', 'suspended', 'resumed'), reopen],
    ['migrate suspended', is('SUSPENDED', 'migrated', 'resumed'), reopen],
    ['retry suspended', nothing('SUSPENDED'), reopen],
    [
      'provision active other_name',
      'error[TENANT_DATABASE_TENANT_ID_EXISTS]: Tenant "active" already has a database: "active_shop", which is ACTIVE',
      'help: See it with: tenantctl get active',
    ],
  ] as const)('%s', async ([line, error, help]) => {
    for (const wait of ['--wait', '--no-wait']) {
      const answer = await refused(...words(line), wait);
      expect(answer).toMatchObject({ code: 5, error });
      expect(answer.help).toMatch(help);
    }
  });
});

describe('a new tenant', () => {
  test.for(['Bad Slug', 'under_score', '-x', 'x-', '😀', '"; drop', '', 'a'.repeat(49)])(
    'is not called %j',
    async (slug) => {
      expect(await refused('tenant', 'create', '--', slug)).toEqual({
        code: 2,
        error: `error[INVALID_INPUT]: "slug" is ${JSON.stringify(slug)}; it must be 1 to 48 of a-z, 0-9 and -`,
        help: 'help: A slug is what people type for a tenant, for example: acme-eu',
      });
    },
  );

  test('has a slug and an id of its own', async () => {
    const help = 'help: Choose another slug or id.';
    expect(await refused('tenant', 'create', 'active')).toEqual({
      code: 5,
      error: 'error[TENANT_EXISTS]: A tenant "active" already exists',
      help,
    });
    expect((await refused('tenant', 'create', nobody)).error).toContain(
      'must not look like a UUID',
    );
    const { id } = JSON.parse((await tenantctl('tenant', 'create', 'first', '-o', 'json')).stdout);
    const again = await refused('tenant', 'create', 'second', '--id', id);
    expect(again).toMatchObject({ code: 5, error: expect.stringContaining(id), help });
    const bad = await refused('tenant', 'create', 'second', '--id', 'x');
    expect(bad.error).toBe('error[INVALID_INPUT]: "id" is "x", which is not a UUID');
  });
});

test.for([
  ['run get 4711', 1, 'RUN_NOT_FOUND', 'No run "4711" exists'],
  ['run watch 4711', 1, 'RUN_NOT_FOUND', 'No run "4711" exists'],
  [`run get ${nobody}`, 1, 'RUN_NOT_FOUND', nobody],
  ['retry --run 4711', 1, 'RUN_NOT_FOUND', 'No run "4711" exists'],
  ['run get first', 2, 'INVALID_INPUT', '"id" is "first", which is neither a UUID nor a number'],
  ['provision bare --server mars', 1, 'SERVER_NOT_FOUND', 'No PostgreSQL server "mars" is known'],
  ['provision bare --server a_b', 2, 'INVALID_INPUT', '"server" is "a_b", which is no name of'],
  ['migrate --all --yes --to 1999', 2, 'INVALID_INPUT', '"to" is "1999", which is not on disk'],
  ['list --filter colour:red', 2, 'INVALID_INPUT', '"colour:red" has no known key; known are'],
  ['list --filter status:blue', 2, 'INVALID_INPUT', '"status:blue" names no status; known are'],
  ['list --sort colour', 2, 'INVALID_INPUT', '"colour" is nothing to sort by'],
  ['list --limit 0', 2, 'USAGE', 'must be a whole number from 1'],
  ['list -o xml', 2, 'USAGE', 'argument "xml" is invalid. Allowed choices are table, json, ndjson'],
  ['list --colour', 2, 'USAGE', 'unknown option "--colour"'],
  ['frobnicate', 2, 'USAGE', 'unknown command "frobnicate"'],
  ['run pause 1', 2, 'USAGE', 'unknown command "pause"'],
  ['suspend', 2, 'USAGE', 'missing required argument "tenantId"'],
  ['tenant create', 2, 'USAGE', 'missing required argument "slug"'],
  ['provision a b c', 2, 'USAGE', 'too many arguments for "provision"'],
  ['migrate', 2, 'USAGE', 'migrate takes either a tenant or --all'],
  ['migrate active --to 2025', 2, 'USAGE', '--include-failed and --to go with --all'],
  ['retry', 2, 'USAGE', 'retry takes either tenants or --run'],
  ['list --daemon nowhere', 2, 'INVALID_INPUT', '"nowhere" is not an address of a daemon'],
  ['list --daemon unix:/nowhere/x', 4, 'DAEMON_UNREACHABLE', 'there is no such socket'],
] as const)('%s exits %i with %s', async ([line, code, name, says]) => {
  const answer = await refused(...words(line));
  expect(answer.code).toBe(code);
  expect(answer.error?.startsWith(`error[${name}]: `)).toBe(true);
  expect(answer.error).toContain(says);
});

test('with -o json a refusal is one JSON document', async () => {
  const { code, stdout, stderr } = await tenantctl(...words('suspend suspended -o json'));
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'ILLEGAL_TRANSITION',
      message: expect.stringContaining('"suspended" is SUSPENDED'),
      help: expect.stringContaining('tenantctl resume suspended'),
      facts: { status: 'SUSPENDED', legal: ['resumed'] },
    },
  });
});

test('the socket of a daemon that is gone is told from none at all', async () => {
  await using other = await sampleMigrations();
  const killed = await startDaemon({ masterUrl: postgres.masterUrl, migrations: other.directory });
  const { socket } = killed;
  await killed.kill();
  const { code, stderr } = await run({ words: ['list'], daemon: socket });
  expect(code).toBe(4);
  expect(stderr).toBe(
    `error[DAEMON_UNREACHABLE]: No daemon answers at "unix:${socket}": the connection was refused\n` +
      'help: Start one with: tenantd serve --embedded\n',
  );
  await killed.stop();
});
