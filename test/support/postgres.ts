import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '@tenantctl/daemon/embedded-postgres/embedded-postgres';
import { startGuard } from '@tenantctl/daemon/embedded-postgres/guard';
import { prepareMaster } from '@tenantctl/daemon/embedded-postgres/prepare-master';
import pg from 'pg';
import { copyTemplate } from './postgres-template.ts';

// A private PostgreSQL 18 for one test file, ready in less than a second (postgres-template.ts says how):
//
//   const postgres = await startTestPostgres();         in beforeAll, or `await using postgres = …`
//   afterAll(() => postgres.stop());                    ends the server and removes its directory
//
// `masterUrl` is the master database as tenantctl_provisioner (CREATEDB, CREATEROLE, no superuser), as the
// daemon works; `superuserUrl` is for what a test arranges or inspects. `createDatabase()` makes an empty
// database owned by the provisioner and answers its name; `url(name)` is its URL as the provisioner.
// `kill()` is a crash (SIGKILL); `restart()` brings the server back on the same port with the same data.
// When a worker dies without `stop()`, the guard of the embedded server ends it and removes the directory.

export interface TestPostgres extends AsyncDisposable {
  readonly superuserUrl: string;
  readonly masterUrl: string;
  readonly host: string;
  readonly port: number;
  readonly directory: string;
  /** The postmaster's; another one after `restart()`. */
  readonly pid: number;
  /** The URL of a database, as the provisioner unless told otherwise. */
  url(database: string, as?: { readonly user: string; readonly password: string }): string;
  /** Makes an empty database owned by the provisioner; answers its name. */
  createDatabase(name?: string): Promise<string>;
  /** SIGKILL to the postmaster. */
  kill(): Promise<void>;
  /** Starts again, after `kill()` or not, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPostgres> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-pg-'));
  const options = { directory, settings, fsync: false, removeWhenAbandoned: true };
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  let server: EmbeddedPostgres;
  let masterUrl: string;
  const guard = startGuard({ user: undefined, remove: directory });
  try {
    await copyTemplate(directory);
    server = await startEmbeddedPostgres(options);
    masterUrl = await prepareMaster(server.superuserUrl, { directory });
  } catch (error) {
    await remove();
    throw error;
  } finally {
    // From here on the server has a guard of its own.
    guard.dismiss();
  }
  const { superuserUrl, host, port } = server;
  const url: TestPostgres['url'] = (database, as) => {
    const found = new URL(masterUrl);
    found.pathname = `/${encodeURIComponent(database)}`;
    if (as) Object.assign(found, { username: as.user, password: as.password });
    return found.href;
  };
  const stop = async () => {
    await server.stop();
    await remove();
  };
  return {
    superuserUrl,
    masterUrl,
    host,
    port,
    directory: server.directory,
    get pid() {
      return server.pid;
    },
    url,
    async createDatabase(name = `test_${randomBytes(6).toString('hex')}`) {
      const client = new pg.Client({ connectionString: masterUrl });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      } finally {
        await client.end();
      }
      return name;
    },
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres({ ...options, port });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
