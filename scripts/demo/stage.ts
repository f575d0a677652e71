import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import type { DaemonAddress } from '@tenantctl/core/client/daemon-address';
import { startSweeper } from './sweeper.ts';

const root = path.resolve(import.meta.dirname, '../..');
const history = path.join(root, 'prisma/tenant/migrations');
type Options = {
  /** The version at which the fleet starts. */
  readonly firstVersion: string;
  /** The daemon's. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** Two lanes and a short lock timeout, so that the run can be watched and the blocked tenant does not hold it up. */
const usual = { TENANTD_NAME: 'demo', TENANTD_LANES: '2', TENANTD_LOCK_TIMEOUT: '1s' };

const readyLine = /"ready":true/;

/** A PostgreSQL, a tenantd and a migrations folder in one temporary directory. */
export type Stage = {
  readonly address: DaemonAddress;
  /** Makes the migrations up to and with `version` appear in the daemon's folder, as a deployment would. */
  release(version: string): Promise<void>;
  /** All versions of the sample application, in order. */
  readonly versions: readonly string[];
  /** A session in a tenant's database as the server's administrator: the demo's own hand. */
  open(database: string): Promise<pg.Client>;
};

/**
 * Plays on a stage. What was started for it is ended and removed afterwards, also when the play fails or we
 * are interrupted: then the process ends with 130.
 */
export async function onStage(
  options: Options,
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const ends = new AsyncDisposableStack();
  // Once: a second disposal of the stack would not wait for the first one.
  let ending: Promise<void> | undefined;
  const end = () => (ending ??= ends.disposeAsync());
  let interrupted: Promise<void> | undefined;
  const interrupt = () => {
    interrupted ??= end().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
  try {
    await play(await openStage(options, ends));
  } catch (error) {
    // What fails because the stage is being taken down is not worth a word.
    await interrupted;
    throw error;
  } finally {
    await end();
    await interrupted;
  }
}

async function openStage(
  { firstVersion, settings }: Options,
  ends: AsyncDisposableStack,
): Promise<Stage> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-demo-'));
  const sweepAfter = startSweeper(directory);
  ends.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  // PostgreSQL runs as another user when we are root: let it pass through.
  await chmod(directory, 0o711);
  const state = path.join(directory, 'state');
  await mkdir(state, { mode: 0o711 });
  const migrations = path.join(directory, 'migrations');
  const versions = await copyHistory(migrations, firstVersion);
  const daemon = startDaemon({ state, migrations, settings: { ...usual, ...settings } });
  sweepAfter(daemon.pid);
  ends.defer(daemon.stop);
  await daemon.ready;
  return {
    address: { kind: 'socket', path: path.join(state, 'tenantd.sock') },
    versions,
    release: (version) => release(migrations, versions, version),
    open: (database) => openDatabase(path.join(state, 'postgres'), database),
  };
}

async function copyHistory(migrations: string, firstVersion: string): Promise<readonly string[]> {
  const entries = await readdir(history, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  const versions = folders.map(({ name }) => name).toSorted();
  await mkdir(migrations);
  await cp(path.join(history, 'migration_lock.toml'), path.join(migrations, 'migration_lock.toml'));
  await release(migrations, versions, firstVersion);
  return versions;
}

async function release(migrations: string, versions: readonly string[], last: string) {
  const wanted = versions.slice(0, versions.indexOf(last) + 1);
  const copies = wanted.map((version) =>
    cp(path.join(history, version), path.join(migrations, version), { recursive: true }),
  );
  await Promise.all(copies);
}

type Service = {
  readonly state: string;
  readonly migrations: string;
  readonly settings: Readonly<Record<string, string>>;
};

/** `tenantd serve --embedded`, which stops when we do, however we end. */
function startDaemon({ state, migrations, settings }: Service) {
  const main = path.join(root, 'packages/daemon/dist/main.js');
  const args = ['serve', '--embedded', '--state-dir', state, '--migrations', migrations];
  const child = spawn(process.execPath, [main, ...args, '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
    // Ctrl-C in the terminal is for us; the daemon is stopped when we are done with it.
    detached: true,
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(`${line}\n`);
      if (said.length > 200) said.shift();
      if (readyLine.test(line)) resolve();
    });
  });
  const exited = once(child, 'exit');
  const early = exited.then(() => {
    throw new Error(`tenantd did not start:\n${said.join('')}`);
  });
  early.catch(() => undefined);
  return {
    pid: child.pid,
    ready: Promise.race([ready, early]),
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}

async function openDatabase(postgres: string, database: string): Promise<pg.Client> {
  const [port, password] = await Promise.all(
    ['port', 'superuser-password'].map((name) => readFile(path.join(postgres, name), 'utf8')),
  );
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'postgres',
    password: password?.trim() ?? '',
    database,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
