import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFleetStream } from '@tenantctl/core/client/fleet-stream';
import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import { serverSecret } from '@tenantctl/core/infrastructure/prisma/server-directory';
import { SecretBox } from '@tenantctl/core/infrastructure/secrets/secret-box';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import { createTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import type pg from 'pg';
import { connect } from './connect.ts';
import { inParallel } from './in-parallel.ts';
import { Migrations } from './migrations.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startTenantd, type Tenantd } from './tenantd.ts';

/** As many databases are worked on at once by either side. */
export const LANES = 8;
/** Requests under way at once while the fleet is made. */
const REQUESTS = 8;
const LOOK_EVERY_MS = 20;

export type RunTiming = {
  readonly run: MigrationRunViewModel;
  /** From the request until a client of the stream heard of the run's end. */
  readonly wallMs: number;
  /** From the run's own start to its own end. */
  readonly ownMs: number;
};

type Parts = {
  readonly server: PostgresServer;
  readonly daemon: Tenantd;
  readonly migrations: Migrations;
  readonly masterUrl: string;
  readonly box: SecretBox;
  readonly master: pg.Client;
};

/** Real tenant databases, provisioned and migrated by a real daemon through its API. It grows, and serves every bench. */
export class Fleet implements AsyncDisposable {
  readonly server: PostgresServer;
  readonly migrations: Migrations;
  readonly daemonPid: number;
  readonly #parts: Parts;
  readonly #ends: AsyncDisposableStack;
  readonly #whenEnded = new Map<string, (run: MigrationRunViewModel) => void>();
  readonly #endedRuns = new Map<string, MigrationRunViewModel>();
  #databases: string[] = [];
  #ownerUrl = '';

  private constructor(parts: Parts, ends: AsyncDisposableStack) {
    this.#parts = parts;
    this.server = parts.server;
    this.migrations = parts.migrations;
    this.daemonPid = parts.daemon.pid;
    this.#ends = ends;
    // Runs only: the bench must not read along what happens to each tenant.
    const stream = openFleetStream({
      address: parts.daemon.address,
      tenants: [],
      onMessage: (message) => {
        if (message.type !== 'change' || message.change.kind !== 'run') return;
        if (message.change.run.endedAt !== null) this.#ended(message.change.run);
      },
    });
    ends.defer(() => stream.close());
  }

  static async open(server: PostgresServer): Promise<Fleet> {
    await using ends = new AsyncDisposableStack();
    const masterUrl = await server.makeMaster('tenantctl_master');
    const encryptionKeys = `bench:${randomBytes(32).toString('base64')}`;
    const migrations = await Migrations.open(path.join(server.directory, 'migrations'));
    const daemon = ends.use(
      await startTenantd({
        masterUrl,
        encryptionKeys,
        migrations: migrations.directory,
        stateDirectory: path.join(server.directory, 'state'),
        lanes: LANES,
      }),
    );
    const master = await connect(masterUrl);
    ends.defer(() => master.end());
    const box = SecretBox.fromKeys(encryptionKeys);
    const parts = { server, daemon, migrations, masterUrl, box, master };
    const fleet = new Fleet(parts, ends.move());
    // The first one also makes the server's roles and the template.
    await fleet.growTo(1);
    return fleet;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ends.disposeAsync();
  }

  get size(): number {
    return this.#databases.length;
  }

  get databases(): readonly string[] {
    return this.#databases;
  }

  /** A session as the provisioner, in the master database. */
  provisioner(): Promise<pg.Client> {
    return connect(this.#parts.masterUrl);
  }

  /** The URL by which the owner of all objects reaches a tenant's database. */
  ownerUrl(database: string): string {
    return this.#ownerUrl.replace(/[^/]*$/, database);
  }

  /**
   * Provisions tenants through the API until there are `count`. Resolves with the time from the first request until
   * the last record is ACTIVE, in milliseconds; making the tenants themselves is not counted.
   */
  async growTo(count: number): Promise<number> {
    const { client } = this.#parts.daemon;
    const slugs = Array.from(
      { length: count - this.size },
      (_, index) => `tenant-${String(this.size + index + 1).padStart(5, '0')}`,
    );
    await inParallel(slugs, REQUESTS, (slug) => client.request(createTenant, { input: { slug } }));
    await this.server.checkpoint();
    const startedAt = performance.now();
    await inParallel(slugs, REQUESTS, (tenantId) =>
      client.request(createTenantDatabase, { input: { tenantId } }),
    );
    await this.#untilActive(count);
    const tookMs = performance.now() - startedAt;
    await this.#readDatabases();
    return tookMs;
  }

  /** Migrates the whole fleet to what is released. Throws when a tenant fails. */
  async migrateAll(): Promise<RunTiming> {
    const startedAt = performance.now();
    const { id } = await this.#parts.daemon.client.request(startMigrationRun, { input: {} });
    if (id === null) throw new Error('a run that was started has an id');
    const run = await this.#end(id);
    const wallMs = performance.now() - startedAt;
    const { counts, endedAt } = run;
    if (endedAt === null || counts.done + counts.unchanged !== this.size) {
      throw new Error(`run ${run.number}: ${JSON.stringify({ counts, causes: run.causes })}`);
    }
    return { run, wallMs, ownMs: endedAt.getTime() - run.startedAt.getTime() };
  }

  async #untilActive(count: number): Promise<void> {
    for (;;) {
      const { rows } = await this.#parts.master.query<{ active: number; failed: number }>(
        `SELECT count(*) FILTER (WHERE status = 'ACTIVE')::int AS active,
                count(*) FILTER (WHERE status = 'FAILED')::int AS failed FROM "TenantDatabase"`,
      );
      const { active = 0, failed = 0 } = rows[0] ?? {};
      if (failed > 0) throw new Error(`${failed} tenants could not be provisioned`);
      if (active >= count) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #readDatabases(): Promise<void> {
    const { master, box, masterUrl } = this.#parts;
    const records = await master.query<{ name: string }>(
      'SELECT "databaseName" AS name FROM "TenantDatabase" ORDER BY "createdAt", "id"',
    );
    this.#databases = records.rows.map(({ name }) => name);
    const servers = await master.query<{ sealed: string }>(
      `SELECT "ownerPassword" AS sealed FROM "DatabaseServer" WHERE "name" = 'default'`,
    );
    const place = serverSecret('default', 'ownerPassword');
    const url = new URL(masterUrl);
    url.username = 'tenantctl_owner';
    url.password = box.open(place, servers.rows[0]?.sealed ?? '').reveal();
    this.#ownerUrl = url.href;
  }

  #ended(run: MigrationRunViewModel): void {
    this.#endedRuns.set(run.id, run);
    this.#whenEnded.get(run.id)?.(run);
  }

  #end(id: string): Promise<MigrationRunViewModel> {
    const ended = this.#endedRuns.get(id);
    if (ended !== undefined) return Promise.resolve(ended);
    return new Promise((resolve) => this.#whenEnded.set(id, resolve));
  }
}
