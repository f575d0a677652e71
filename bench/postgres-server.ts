import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '@tenantctl/daemon/embedded-postgres/embedded-postgres';
import { prepareMaster } from '@tenantctl/daemon/embedded-postgres/prepare-master';
import { connect } from './connect.ts';

/** What a tenant's database takes on disk, and what WAL and everything else may take. */
const MB_PER_DATABASE = 9;
const MB_BESIDE = 3_000;

/** A PostgreSQL of our own with its usual settings, fsync included, and a directory that goes with it. */
export interface PostgresServer extends AsyncDisposable {
  /** For whatever else a benchmark keeps on disk. */
  readonly directory: string;
  readonly version: string;
  /** Makes a master database with this name; answers its URL as the provisioner. */
  makeMaster(databaseName: string): Promise<string>;
  /** Writes out what earlier work left dirty, so that it is not paid for by what is measured next. */
  checkpoint(): Promise<void>;
}

/** Throws when the disk has no room for that many tenant databases. */
export async function startPostgresServer({
  databases = 0,
  settings = {},
}: {
  readonly databases?: number;
  readonly settings?: Readonly<Record<string, string>>;
}): Promise<PostgresServer> {
  await assertRoom(databases);
  await using ends = new AsyncDisposableStack();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantctl-bench-'));
  ends.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  // PostgreSQL runs as another user when we are root: let it pass through.
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({
    directory: path.join(directory, 'postgres'),
    removeWhenAbandoned: true,
    settings,
  });
  ends.defer(() => server.stop());
  const superuser = await connect(server.superuserUrl);
  ends.defer(() => superuser.end());
  const { rows } = await superuser.query<{ version: string }>(
    `SELECT current_setting('server_version') AS version`,
  );
  const owned = ends.move();
  return {
    directory,
    version: rows[0]?.version ?? 'unknown',
    makeMaster: (databaseName) =>
      prepareMaster(server.superuserUrl, { directory: server.directory, databaseName }),
    checkpoint: async () => void (await superuser.query('CHECKPOINT')),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function assertRoom(databases: number): Promise<void> {
  const { bavail, bsize } = await statfs(os.tmpdir());
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  const neededMb = databases * MB_PER_DATABASE + MB_BESIDE;
  if (freeMb >= neededMb) return;
  throw new Error(
    `${os.tmpdir()} has ${freeMb} MB free; ${databases} databases need about ${neededMb} MB. ` +
      'Set TMPDIR to a larger disk, or choose fewer with --tenants.',
  );
}
