import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantctl as run } from './support/command-line.ts';
import { startDaemon, type TestDaemon } from './support/daemon.ts';
import { eventually } from './support/eventually.ts';
import { sampleMigrations, type TestMigrations } from './support/fleet.ts';
import { startTestPostgres, type TestPostgres } from './support/postgres.ts';

const before = '20250602094500_order_updated_at';
const uniqueEmail = '20250707150000_unique_customer_email';
const main = path.resolve(import.meta.dirname, '../packages/tui/src/main.ts');

let postgres: TestPostgres;
let migrations: TestMigrations;
let daemon: TestDaemon;

/** Runs a command line as typed, against the daemon of this file. */
const tenantctl = (line: string, more: Partial<Parameters<typeof run>[0]> = {}) =>
  run({ words: line.split(' '), daemon: daemon.socket, ...more });

/** The record of a tenant as `get -o json` prints it. */
async function record(tenant: string): Promise<TenantDatabaseViewModel> {
  const { stdout } = await tenantctl(`get ${tenant} -o json`);
  return TenantDatabaseViewModel.parse(JSON.parse(stdout));
}

/** Executes SQL in a tenant's database as superuser. */
async function inDatabaseOf(tenant: string, sql: string): Promise<void> {
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${(await record(tenant)).databaseName}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function provisioned(...slugs: readonly string[]): Promise<void> {
  for (const slug of slugs) {
    expect(await tenantctl(`tenant create ${slug}`)).toMatchObject({ code: 0, stderr: '' });
    expect(await tenantctl(`provision ${slug} --wait`)).toMatchObject({ code: 0, stderr: '' });
  }
}

beforeAll(async () => {
  postgres = await startTestPostgres();
  migrations = await sampleMigrations(before);
  daemon = await startDaemon({ masterUrl: postgres.masterUrl, migrations: migrations.directory });
});

afterAll(async () => {
  await daemon.stop();
  await migrations[Symbol.asyncDispose]();
  await postgres.stop();
});

test('a tenant is created, provisioned, suspended, resumed and migrated, by slug or id', async () => {
  const created = await tenantctl('tenant create acme --tag tier=gold --name Acme -o json');
  expect(created).toMatchObject({ code: 0, stderr: '' });
  const { id } = JSON.parse(created.stdout) as { id: string };

  const accepted = await tenantctl(`provision ${id} acme_shop`);
  expect(accepted).toMatchObject({
    code: 0,
    stdout: `${id}: Tenant database created successfully\n`,
  });
  await eventually(async () => expect((await record('acme')).status).toBe('ACTIVE'));
  expect(await record(id)).toMatchObject({ databaseName: 'acme_shop', schemaVersion: before });

  expect(await tenantctl('suspend acme --wait --reason unpaid')).toMatchObject({
    code: 0,
    stdout: `■ SUSPENDED acme: suspended; database "acme_shop", schema ${before}\n`,
  });
  const again = await tenantctl('suspend acme --wait');
  expect(again.code).toBe(5);
  expect(again.stderr).toContain('error[ILLEGAL_TRANSITION]');
  expect((await tenantctl(`resume ${id} --wait`)).stdout).toMatch(/^● ACTIVE .*: resumed;/);
  expect((await tenantctl('migrate acme --wait')).stdout).toContain('nothing to apply');

  expect((await tenantctl('list --filter tag:tier=gold')).stdout).toContain('acme_shop');
  expect((await tenantctl('list --filter tag:tier=tin -o json')).stdout).toBe('[]\n');
  expect((await tenantctl('tenant list --search acm')).stdout).toMatch(
    /acme +Acme +yes +tier=gold/,
  );
});

test('what is refused says what to type next and exits 5, what is not there exits 1', async () => {
  await provisioned('taken');
  const twice = await tenantctl('provision taken --wait');
  expect(twice.code).toBe(5);
  expect(twice.stderr).toContain('error[TENANT_DATABASE_TENANT_ID_EXISTS]');
  expect(twice.stderr).toContain('help: See it with: tenantctl get taken');
  expect((await tenantctl('tenant create taken')).code).toBe(5);
  expect((await tenantctl('retry taken --wait')).code).toBe(5);
  expect((await tenantctl('get nobody')).code).toBe(1);
  expect((await tenantctl('migrate nobody --wait')).code).toBe(1);
  expect((await tenantctl('run get 4711')).stderr).toContain('error[RUN_NOT_FOUND]');
});

test('a run in which tenants fail exits 3 and names the causes; the retry of them exits 0', async () => {
  await provisioned('good', 'bad-1', 'bad-2');
  const double = `insert into customers (id, email, name)
    select gen_random_uuid(), 'a@example.org', 'A' from generate_series(1, 2)`;
  await inDatabaseOf('bad-1', double);
  await inDatabaseOf('bad-2', double);
  await migrations.release(uniqueEmail);

  const migrated = await tenantctl('migrate --all --yes --wait');
  expect(migrated.code).toBe(3);
  expect(migrated.stdout).toMatch(/^Run #1 to 20250707150000_unique_customer_email completed with/);
  expect(migrated.stdout).toMatch(/ {5}2 {2}bad-1 .*23505/);
  expect(migrated.stderr).toContain('tenantctl retry --run 1');
  expect((await tenantctl('run watch 1')).code).toBe(3);
  expect((await tenantctl('run get 1')).stdout).toMatch(/failed +bad-1 .*23505/);
  expect((await tenantctl('run list -o ndjson')).stdout).toContain('"completed-with-failures"');

  const one = await tenantctl('retry bad-1 --wait');
  expect(one.code).toBe(1);
  expect(one.stderr).toMatch(/^error\[MIGRATION_FAILED\]: Tenant "bad-1", migration "20250707/);
  expect(one.stderr).toContain('help: Remove the cause, then: tenantctl retry bad-1');
  expect((await tenantctl('retry bad-1 good --wait')).code).toBe(3);

  await inDatabaseOf('bad-1', 'delete from customers');
  await inDatabaseOf('bad-2', 'delete from customers');
  expect(await tenantctl('retry --run 1 --cause 40P01')).toMatchObject({ code: 0, stdout: '' });
  const retried = await tenantctl('retry --run 1 --cause 23505 --wait -o json');
  expect(retried.code).toBe(0);
  expect(JSON.parse(retried.stdout)).toMatchObject([{ status: 'ACTIVE' }, { status: 'ACTIVE' }]);
});

test('in a terminal a run is confirmed by typing how many tenants it takes', async () => {
  await provisioned('one-more');
  const { stdout } = await tenantctl('list --filter status:active -o ndjson');
  const active = stdout.trim().split('\n').length;
  const wrong = await tenantctl('migrate --all', { typed: `${active + 1}\n` });
  expect(wrong.code).toBe(5);
  const right = await tenantctl('migrate --all', { typed: `${active}\n` });
  expect(right.code).toBe(0);
  expect(right.stdout).toContain('unchanged');
});

test('a command that waits bears a daemon that is killed, and tells how the work ended', async () => {
  await provisioned('patient');
  // Holds the migration up until the daemon has gone.
  const url = new URL(postgres.superuserUrl);
  url.pathname = `/${(await record('patient')).databaseName}`;
  const holder = new pg.Client({ connectionString: url.href });
  await holder.connect();
  await holder.query('begin; lock table orders in access exclusive mode');
  await migrations.release(migrations.names.at(-1) ?? '');

  let said = '';
  const waiting = tenantctl('migrate patient --wait', {
    onOutput: (_side, output) => {
      said += output;
    },
  });
  await eventually(async () => expect((await record('patient')).status).toBe('MIGRATING'));
  await daemon.kill();
  await eventually(() => expect(said).toContain('Trying again'));
  expect((await tenantctl('list')).code).toBe(4);
  await holder.query('rollback');
  await holder.end();
  const { stateDirectory } = daemon;
  daemon = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    stateDirectory,
  });
  const { code, stdout, stderr } = await waiting;
  expect(stderr).toContain('The daemon is back.');
  expect(stdout).toMatch(/^● ACTIVE patient: /);
  expect(code).toBe(0);
});

/** `tenantctl` as a process of its own. */
function started(...words: readonly string[]) {
  return spawn(process.execPath, ['--conditions=source', main, ...words], {
    env: { PATH: process.env['PATH'], TENANTD_ADDR: daemon.socket },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('interrupted, watch ends with 130; a reader that leaves ends it without a word', async () => {
  const watching = started('watch');
  const leaving = started('watch');
  const complaints = text(leaving.stderr);
  const gone = once(leaving, 'exit');
  let seen = '';
  watching.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  await eventually(async () => {
    await tenantctl('migrate acme --wait');
    expect(seen).toContain('acme');
  });
  const ended = once(watching, 'exit');
  watching.kill('SIGINT');
  expect(await ended).toEqual([130, null]);

  leaving.stdout.destroy();
  await eventually(async () => {
    await tenantctl('migrate acme --wait');
    expect(leaving.exitCode).toBe(0);
  });
  await gone;
  expect(await complaints).toBe('');
});

test('a protected environment wants its name typed before any work starts', async () => {
  const { stateDirectory } = daemon;
  await daemon.stop({ keepState: true });
  daemon = await startDaemon({
    masterUrl: postgres.masterUrl,
    migrations: migrations.directory,
    stateDirectory,
    environment: { TENANTD_NAME: 'prod-eu', TENANTD_PROTECTED: 'true' },
  });
  const unasked = await tenantctl('migrate acme --wait');
  expect(unasked.code).toBe(5);
  expect(unasked.stderr).toContain('error[NOT_CONFIRMED]: "migrate acme (1 tenant)"');
  expect((await tenantctl('migrate acme', { typed: '1\n' })).code).toBe(5);
  expect((await tenantctl('migrate acme', { typed: 'prod-eu\n' })).code).toBe(0);
  expect((await tenantctl('migrate acme --wait --yes')).code).toBe(0);
});
