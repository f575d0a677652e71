import { existsSync, statSync } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@tenantctl/core/domain/errors';
import { packagedBinaries, runnableBinaries } from './binaries.ts';
import { initialisedData, ownDirectory, SUPERUSER } from './data-directory.ts';
import { startGuard, type Guard } from './guard.ts';
import { launchPostmaster, type Postmaster } from './postmaster.ts';
import { endOrphanedBackends } from './orphaned-backends.ts';
import { endStalePostmaster } from './stale-postmaster.ts';
import { postgresUser, type SystemUser } from './system-user.ts';

const HOST = '127.0.0.1';
const LOG_KEPT_BYTES = 16 * 1024 * 1024;
const START_ATTEMPTS = 20;
const RETRY_MS = 250;
/** What `sun_path` holds on the stingiest platform, without the closing zero. */
const SOCKET_PATH_BYTES = 103;

export type EmbeddedPostgresOptions = {
  /** Ours alone: it holds `data/`, `postgres.log` and the passwords, and is made when it is missing. */
  readonly directory: string;
  /** Default true. Without it the data outlives a crash of PostgreSQL, but not one of the machine: for tests. */
  readonly fsync?: boolean;
  /** Settings of postgresql.conf, which win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: the port of the last start while it is free, else any free one. */
  readonly port?: number;
  /** Removes the directory when our process dies without `stop()`. Default false. */
  readonly removeWhenAbandoned?: boolean;
  /** Where `bin/`, `lib/` and `share/` are; default: the npm package for this platform. */
  readonly binaries?: string;
  readonly log?: (line: string) => void;
};

export interface EmbeddedPostgres {
  /** postgresql://… of the superuser and the database `postgres`, with its password. */
  readonly superuserUrl: string;
  readonly host: string;
  readonly port: number;
  /** The real path. */
  readonly directory: string;
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, sessions ended. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster, as a crash would do. */
  kill(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

async function numberIn(file: string): Promise<number | undefined> {
  const value = Number(await readFile(file, 'utf8').catch(() => ''));
  return value > 0 ? value : undefined;
}

function ourSettings(directory: string, fsync: boolean): Record<string, string> {
  const socket = path.join(directory, '.s.PGSQL.65535');
  // Not synchronous_commit: without it even a crash of PostgreSQL alone would lose committed work.
  const durability: Record<string, string> = fsync ? {} : { fsync: 'off', full_page_writes: 'off' };
  return {
    listen_addresses: HOST,
    unix_socket_directories: Buffer.byteLength(socket) <= SOCKET_PATH_BYTES ? directory : '',
    unix_socket_permissions: '0700',
    max_connections: '100',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d ',
    ...durability,
  };
}

/** What was logged since `offset`, at most its last 2,000 characters. */
async function loggedSince(logFile: string, offset: number): Promise<string> {
  const file = await open(logFile, 'r');
  try {
    const length = Math.max(0, (await file.stat()).size - offset);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.toString('utf8').trim().slice(-2000);
  } finally {
    await file.close();
  }
}

type Start = {
  readonly directory: string;
  readonly dataDirectory: string;
  readonly binaries: string;
  readonly user: SystemUser | undefined;
  readonly guard: Guard;
  readonly settings: Readonly<Record<string, string>>;
  readonly port: number | undefined;
};

/**
 * Starts until it is ready. Two failures pass by themselves: a port that was taken between our choice and
 * its use, and children of a killed postmaster that still hold its shared memory.
 */
async function startUntilReady(start: Start): Promise<{ postmaster: Postmaster; port: number }> {
  const { directory } = start;
  const logFile = path.join(directory, 'postgres.log');
  const portFile = path.join(directory, 'port');
  if (existsSync(logFile) && statSync(logFile).size > LOG_KEPT_BYTES) {
    await rename(logFile, `${logFile}.1`);
  }
  let port = start.port ?? (await numberIn(portFile)) ?? (await freePort());
  for (let attempt = 1; ; attempt += 1) {
    const offset = existsSync(logFile) ? statSync(logFile).size : 0;
    const postmaster = launchPostmaster({ ...start, logFile, port });
    if (await postmaster.ready()) {
      await writeFile(portFile, `${port}\n`);
      return { postmaster, port };
    }
    const said = await loggedSince(logFile, offset);
    const portTaken = said.includes('could not bind') && start.port === undefined;
    const stillHeld = said.includes('shared memory block');
    if (attempt === START_ATTEMPTS || !(portTaken || stillHeld)) {
      throw new Problem('EMBEDDED_POSTGRES_FAILED', directory, {
        more: `did not start: ${said || 'it could not be run'}`,
      });
    }
    if (portTaken) port = await freePort();
    else await sleep(RETRY_MS);
  }
}

/**
 * Starts a real PostgreSQL from the npm package for this platform, on 127.0.0.1 only, and resolves when
 * it accepts connections. A directory is used by one process at a time; what a killed one left is cleaned
 * up first. When our own process dies, even by SIGKILL, a guard ends the server with a fast shutdown
 * within moments: docs/decisions has the why.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { fsync = true, log = () => {} } = options;
  const user = postgresUser();
  const directory = await ownDirectory(options.directory, user);
  const ownerFile = path.join(directory, 'owner.pid');
  await endStalePostmaster(path.join(directory, 'data'), await numberIn(ownerFile), log);
  await writeFile(ownerFile, `${process.pid}\n`);
  const guard = startGuard({ user, remove: options.removeWhenAbandoned ? directory : undefined });
  try {
    const packaged = options.binaries ?? packagedBinaries();
    const binaries = await runnableBinaries(packaged, directory, user);
    const { dataDirectory, password } = await initialisedData({ directory, binaries, user, fsync });
    const settings = { ...ourSettings(directory, fsync), ...options.settings };
    const start = { directory, dataDirectory, binaries, user, guard, settings, port: options.port };
    const { postmaster, port } = await startUntilReady(start);
    log(`PostgreSQL listens on ${HOST}:${port}`);
    return {
      superuserUrl: `postgresql://${SUPERUSER}:${password}@${HOST}:${port}/postgres`,
      host: HOST,
      port,
      directory,
      pid: postmaster.pid,
      exited: postmaster.exited,
      kill: () => postmaster.kill(),
      async stop() {
        await postmaster.stop();
        await endOrphanedBackends(dataDirectory);
        guard.dismiss();
      },
    };
  } catch (error) {
    guard.dismiss();
    throw error;
  }
}
