import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import {
  migrateMaster,
  migration,
  newRecord,
  provisioningOn,
} from '../../../../../test/support/tenant-server.ts';
import { SecretBox } from '../secrets/secret-box.ts';
import { tenantRole } from './names.ts';

// PostgreSQL 15 knows no WITH INHERIT, and its CREATEROLE is another right than that of 16 and later.

const binaries = '/usr/lib/postgresql/15/bin';
const password = 'only-in-this-test';
const head = [migration('20260101000000_init', 'CREATE TABLE product (id int PRIMARY KEY)')];

type Server = AsyncDisposable & { readonly url: (user: string, database: string) => string };

/** A server of this version with a socket in its own directory, and the role that the daemon works as. */
async function startServer(): Promise<Server> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tenantctl-pg15-'));
  const user = await serverUser();
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  const passwordFile = path.join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const data = path.join(directory, 'data');
  const options = { ...user, cwd: directory, env: { PATH: binaries, LC_ALL: 'C.UTF-8' } };
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile];
  await promisify(execFile)(
    path.join(binaries, 'initdb'),
    [...initdb, '-N', '-E', 'UTF8'],
    options,
  );
  const settings = ['-c', 'fsync=off', '-c', 'listen_addresses=', '-k', directory];
  const server = spawn(path.join(binaries, 'postgres'), ['-D', data, ...settings], {
    ...options,
    stdio: 'ignore',
  });
  return {
    url: (role, database) =>
      `postgresql://${role}:${password}@localhost/${database}?host=${encodeURIComponent(directory)}`,
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ids = ['-u', '-g'].map((flag) => promisify(execFile)('id', [flag, 'postgres']));
  const [uid, gid] = (await Promise.all(ids)).map(({ stdout }) => Number(stdout));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = await connect(connectionString);
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('the roles work on PostgreSQL 15 as they do on 18', async ({ skip }) => {
  if (!existsSync(path.join(binaries, 'postgres')))
    return skip(`no PostgreSQL 15 in ${binaries}: its role scheme is not tested here`);
  await using server = await startServer();
  const superuser = server.url('postgres', 'postgres');
  await eventually(() => query(superuser, 'SELECT 1'));
  await query(
    superuser,
    `CREATE ROLE provisioner LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`,
  );
  await query(superuser, 'CREATE DATABASE master OWNER provisioner');
  const masterUrl = server.url('provisioner', 'master');
  await migrateMaster(masterUrl);
  const world = provisioningOn(masterUrl, SecretBox.generateKey('test').reveal(), () => head);
  try {
    const [mine, other] = [await newRecord(world), await newRecord(world)];
    await world.provisioner.provision(mine);
    await world.provisioner.provision(other);
    const secret = await world.credentials.rolePassword(mine.id);
    const as = (database: string) =>
      server
        .url(tenantRole(mine.id), database)
        .replace(`:${password}@`, () => `:${secret.reveal()}@`);
    await query(as(mine.databaseName), 'INSERT INTO product (id) VALUES (1)');
    for (const sql of ['DELETE FROM _prisma_migrations', 'CREATE TABLE mine (id int)'])
      await expect(query(as(mine.databaseName), sql)).rejects.toMatchObject({ code: '42501' });
    for (const database of [other.databaseName, 'master'])
      await expect(query(as(database), 'SELECT 1')).rejects.toMatchObject({ code: '42501' });

    const session = await connect(as(mine.databaseName));
    await world.provisioner.suspend(mine);
    await expect(session.query('SELECT 1')).rejects.toThrow();
    await expect(query(as(mine.databaseName), 'SELECT 1')).rejects.toMatchObject({ code: '55000' });
    await world.provisioner.resume(mine);
    await query(as(mine.databaseName), 'SELECT 1');
  } finally {
    await world.master.close();
  }
});
