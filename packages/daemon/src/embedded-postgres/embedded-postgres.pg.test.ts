import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '@tenantctl/core/domain/errors';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.ts';
import { packagedBinaries } from './binaries.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';
import { prepareMaster } from './prepare-master.ts';

let directory: string;
const started: EmbeddedPostgres[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-embedded-'));
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(more: { readonly binaries?: string; readonly directory?: string } = {}) {
  const server = await startEmbeddedPostgres({ directory, fsync: false, ...more });
  started.push(server);
  return server;
}

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, T>>(sql)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a new directory becomes a PostgreSQL 18 that only this machine and only a password can reach', async () => {
  const server = await start();
  expect(await ask(server.superuserUrl, 'SHOW server_version')).toEqual([
    expect.stringMatching(/^18\./),
  ]);
  expect(await ask(server.superuserUrl, 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
  expect(await ask(server.superuserUrl, 'SHOW server_encoding')).toEqual(['UTF8']);
  expect(
    await ask(server.superuserUrl, `SELECT DISTINCT auth_method FROM pg_hba_file_rules`),
  ).toEqual(['scram-sha-256']);
  const wrong = new URL(server.superuserUrl);
  wrong.password = 'wrong';
  await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  expect((await stat(path.join(directory, 'superuser-password'))).mode & 0o777).toBe(0o600);
});

test('fsync is on unless it is asked for otherwise', async () => {
  const server = await startEmbeddedPostgres({ directory });
  started.push(server);
  expect(await ask(server.superuserUrl, 'SHOW fsync')).toEqual(['on']);
});

test('what was written is there after stop and start, at the same URL', async () => {
  const first = await start();
  await ask(first.superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  const second = await start();
  expect(second.superuserUrl).toBe(first.superuserUrl);
  expect(await ask(second.superuserUrl, 'SELECT answer FROM kept')).toEqual([42]);
});

test('a killed postmaster starts again with its data', async () => {
  const first = await start();
  await ask(first.superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.kill();
  expect(existsSync(path.join(directory, 'data/postmaster.pid'))).toBe(true);
  const second = await start();
  expect(await ask(second.superuserUrl, 'SELECT answer FROM kept')).toEqual([42]);
});

test('a session that still works for a killed postmaster does not keep it from starting again', async () => {
  const first = await start();
  // Nothing in here looks whether the postmaster is still there.
  const busy = ask(first.superuserUrl, 'SELECT count(*) FROM generate_series(1, 1e10)');
  const lost = busy.then(
    () => 'answered',
    () => 'lost',
  );
  await eventually(async () =>
    expect(
      await ask(
        first.superuserUrl,
        `SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%1e10%' AND pid <> pg_backend_pid()`,
      ),
    ).toEqual([1]),
  );
  await first.kill();
  const second = await start();
  expect(await ask(second.superuserUrl, 'SELECT 1')).toEqual([1]);
  expect(await lost).toBe('lost');
});

test('a postmaster.pid with the pid of some other process is no obstacle', async () => {
  const first = await start();
  await first.stop();
  await writeFile(path.join(directory, 'data/postmaster.pid'), `${process.ppid}\n`);
  const second = await start();
  expect(await ask(second.superuserUrl, 'SELECT 1')).toEqual([1]);
  expect(isAlive(process.ppid)).toBe(true);
});

test('a directory in use is refused and its server goes on', async () => {
  const first = await start();
  await expect(start()).rejects.toMatchObject({
    code: 'EMBEDDED_POSTGRES_DIRECTORY',
    message: expect.stringContaining(`process ${process.pid} is using it`),
  });
  expect(await ask(first.superuserUrl, 'SELECT 1')).toEqual([1]);
});

/** Starts the server in a process of its own, which prints the postmaster's pid and then waits. */
async function startElsewhere(options: Readonly<Record<string, unknown>>) {
  const module = fileURLToPath(new URL('./embedded-postgres.ts', import.meta.url));
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const server = await startEmbeddedPostgres(${JSON.stringify({ directory, fsync: false, ...options })});
    console.log(server.pid);
    setInterval(() => {}, 1e6);
  `;
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--input-type=module', '--eval', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [printed] = await once(child.stdout, 'data');
  return { child, postmasterPid: Number(String(printed)) };
}

test('the server does not survive a process that was killed, and another one takes over its data', async () => {
  const { child, postmasterPid } = await startElsewhere({});
  expect(isAlive(postmasterPid)).toBe(true);
  child.kill('SIGKILL');
  await eventually(() =>
    expect(existsSync(path.join(directory, 'data/postmaster.pid'))).toBe(false),
  );
  const server = await start();
  expect(await readFile(path.join(directory, 'postgres.log'), 'utf8')).toContain(
    'received fast shutdown request',
  );
  expect(await ask(server.superuserUrl, 'SELECT 1')).toEqual([1]);
});

test('a server that is still there after its process was killed is stopped and started anew', async () => {
  const { child, postmasterPid } = await startElsewhere({});
  child.kill('SIGKILL');
  await once(child, 'exit');
  // At once: the guard has hardly had time.
  const server = await start();
  expect(server.pid).not.toBe(postmasterPid);
  expect(await ask(server.superuserUrl, 'SELECT 1')).toEqual([1]);
});

test('a directory that is to be removed when abandoned goes with the killed process', async () => {
  const { child } = await startElsewhere({ removeWhenAbandoned: true });
  child.kill('SIGKILL');
  await eventually(() => expect(existsSync(directory)).toBe(false));
});

test('a socket path that would be too long is left out', async () => {
  await chmod(directory, 0o711);
  const server = await start({ directory: path.join(directory, 'd'.repeat(120)) });
  expect(await ask(server.superuserUrl, 'SHOW unix_socket_directories')).toEqual(['']);
});

test('a lost password is said and the data is left alone', async () => {
  await (await start()).stop();
  await rm(path.join(directory, 'superuser-password'));
  await expect(start()).rejects.toThrow(/superuser-password is gone/);
  expect(existsSync(path.join(directory, 'data/PG_VERSION'))).toBe(true);
});

test('a setting that PostgreSQL refuses is told in its own words', async () => {
  const settings = { max_connections: 'many' };
  const failure = startEmbeddedPostgres({ directory, fsync: false, settings });
  await expect(failure).rejects.toMatchObject({ code: 'EMBEDDED_POSTGRES_FAILED' });
  await expect(failure).rejects.toThrow(/invalid value for parameter "max_connections"/);
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('as root it runs as another user', async () => {
  const server = await start();
  const { uid } = await stat(`/proc/${server.pid}`);
  expect(uid).not.toBe(0);
  expect((await stat(path.join(directory, 'data'))).uid).toBe(uid);
});

test.runIf(isRoot)(
  'binaries which that user cannot reach are copied into the directory',
  async () => {
    const closed = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-closed-'));
    try {
      await chmod(closed, 0o700);
      const packaged = packagedBinaries();
      await cp(packaged, path.join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
      await cp(path.join(packaged, '../package.json'), path.join(closed, 'package.json'));
      const server = await start({ binaries: path.join(closed, 'native') });
      expect(await ask(server.superuserUrl, 'SELECT 1')).toEqual([1]);
      const commandLine = await readFile(`/proc/${server.pid}/cmdline`, 'utf8');
      expect(commandLine).toContain(`${server.directory}/binaries-`);
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
  },
);

test.runIf(isRoot)(
  'a directory which that user cannot reach is refused with a sentence',
  async () => {
    const closed = path.join(directory, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const failure = start({ directory: path.join(closed, 'state') });
    await expect(failure).rejects.toBeInstanceOf(Problem);
    await expect(failure).rejects.toThrow(/a folder above it is closed/);
  },
);

test('the master belongs to a provisioner without superuser, at the same URL after a restart', async () => {
  const first = await start();
  const url = await prepareMaster(first.superuserUrl, { directory });
  expect(
    await ask(
      url,
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin,
              pg_get_userbyid(datdba) = current_user AS owner,
              has_database_privilege('pg_monitor', datname, 'CONNECT') AS anybody
       FROM pg_roles, pg_database
       WHERE rolname = current_user AND datname = current_database()`,
    ),
  ).toEqual([false, true, true, true, true, false]);
  await first.stop();
  const second = await start();
  expect(await prepareMaster(second.superuserUrl, { directory })).toBe(url);
  expect(await ask(url, 'SELECT current_database()')).toEqual(['tenantctl_master']);
  const kept = await stat(path.join(directory, 'provisioner-password'));
  expect(kept.mode & 0o777).toBe(0o600);
});
