import { randomUUID } from 'node:crypto';
import { PgBossWorkQueue } from '@tenantctl/core/infrastructure/jobs/pg-boss-work-queue';
import { PostgresEventLog } from '@tenantctl/core/infrastructure/postgres/postgres-event-log';
import { PostgresExclusiveLock } from '@tenantctl/core/infrastructure/postgres/postgres-exclusive-lock';
import { TenantDatabasePostgresReadRepository } from '@tenantctl/core/infrastructure/postgres/tenant-database-postgres-read-repository';
import { DaemonPrismaRegistry } from '@tenantctl/core/infrastructure/prisma/daemon-prisma-registry';
import { openMasterClient } from '@tenantctl/core/infrastructure/prisma/master-client';
import { applyMasterMigrations } from '@tenantctl/core/infrastructure/prisma/master-migrations';
import { MigrationRunPrismaRepository } from '@tenantctl/core/infrastructure/prisma/migration-run-prisma-repository';
import { TenantDatabasePrismaRepository } from '@tenantctl/core/infrastructure/prisma/tenant-database-prisma-repository';
import type { TenantMigrator } from '@tenantctl/core/ports/tenant-migrator';
import { EventFeed } from '@tenantctl/daemon/api/event-feed';
import { openLog } from '@tenantctl/daemon/log';
import { Projector } from '@tenantctl/daemon/projector';
import { LanesService } from '@tenantctl/daemon/runs/lanes';
import { ProgressService } from '@tenantctl/daemon/runs/progress';
import { Steps } from '@tenantctl/daemon/runs/steps';
import type { Service } from '@tenantctl/daemon/service';
import { supervise } from '@tenantctl/daemon/supervisor';
import { Wakeup } from '@tenantctl/daemon/wakeup';
import type { PostgresServer } from './postgres-server.ts';
import { insertRecords } from './records.ts';

const applicationName = 'bench';
const lanes = 8;
const checksum = '0'.repeat(64);
const clock = { now: () => new Date() };

/** Everything of a daemon that a run needs but the engine and the API, in this process. */
export class ControlPlane implements AsyncDisposable {
  readonly #ends: AsyncDisposableStack;
  readonly #services: readonly Service[];
  readonly #runs: MigrationRunPrismaRepository;
  readonly #engine: IdleEngine;

  private constructor(
    ends: AsyncDisposableStack,
    services: readonly Service[],
    runs: MigrationRunPrismaRepository,
    engine: IdleEngine,
  ) {
    this.#ends = ends;
    this.#services = services;
    this.#runs = runs;
    this.#engine = engine;
  }

  /** A master database with so many records, whose tenants have no real databases. */
  static async open(server: PostgresServer, name: string, records: number): Promise<ControlPlane> {
    await using ends = new AsyncDisposableStack();
    const url = await server.makeMaster(name);
    await applyMasterMigrations({ url, applicationName });
    await insertRecords(url, records);
    const maxConnections = lanes + 12;
    const master = openMasterClient({ url, applicationName, maxConnections });
    ends.defer(() => master.close());
    const { prisma, pool } = master;
    const daemonId = randomUUID();
    const queue = await PgBossWorkQueue.open({ pool, daemonId, onError: () => undefined });
    ends.defer(() => queue.close());
    const eventLog = new PostgresEventLog({ pool, url, applicationName });
    ends.defer(() => eventLog.close());
    const onCommitted = () => eventLog.committed();
    const tenantDatabases = new TenantDatabasePrismaRepository({
      prisma,
      jobs: queue,
      onCommitted,
    });
    const runs = new MigrationRunPrismaRepository({
      client: prisma,
      tenantDatabases,
      onEvents: onCommitted,
    });
    const engine = new IdleEngine();
    const log = openLog({ level: 'error', format: 'json' });
    const steps = new Steps();
    const shared = { tenantDatabases, migrator: engine, clock, runs, steps, queue, log, daemonId };
    const registry = new DaemonPrismaRegistry({ prisma, daemonId });
    const progress = new ProgressService({ runs, steps, wakeup: new Wakeup() });
    progress.subscribe(() => undefined);
    const readModel = new TenantDatabasePostgresReadRepository({ pool });
    const lock = new PostgresExclusiveLock({ url, applicationName });
    const services = [
      new EventFeed({ eventLog, log }),
      new LanesService({ ...shared, registry, wakeup: new Wakeup() }),
      progress,
      new Projector({ eventLog, readModel, lock, log }),
    ];
    return new ControlPlane(ends.move(), services, runs, engine);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ends.disposeAsync();
  }

  /** Works `count` items of the run that is going on, or of a new one; milliseconds from the first to the last. */
  async workItems(count: number): Promise<number> {
    if ((await this.#runs.current()) === null) await this.#startRun();
    const stop = new AbortController();
    const running = supervise(this.#services, {
      log: openLog({ level: 'error', format: 'json' }),
      signal: stop.signal,
    });
    const tookMs = await this.#engine.count(count);
    stop.abort();
    await running;
    await this.#runs.endIfDone(clock.now());
    return tookMs;
  }

  async #startRun(): Promise<void> {
    const id = randomUUID();
    const targetVersion = this.#engine.nextVersion();
    const principal = { name: 'bench', role: 'operator' } as const;
    const run = {
      id,
      targetVersion,
      migrations: [{ name: targetVersion, checksum }],
      includeFailed: false,
      startedBy: principal.name,
      reason: null,
      now: clock.now(),
    };
    const audit = { principal, command: 'MigrationRunStartCommand', subjectId: id, arguments: {} };
    await this.#runs.start(run, audit);
  }
}

/** Says of every database that it had something to apply and that it is applied. */
class IdleEngine implements TenantMigrator {
  #version = 0;
  #started = 0;
  #begunAt = 0;
  #left = 0;
  #done: (tookMs: number) => void = () => undefined;

  nextVersion(): string {
    this.#version += 1;
    return this.#name();
  }

  /** Resolves when so many items have been worked, counted from now. */
  count(items: number): Promise<number> {
    this.#started = 0;
    this.#left = items;
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  async migrationsOnDisk() {
    return [{ name: this.#name(), checksum }];
  }

  async migrate(...[, hooks]: Parameters<TenantMigrator['migrate']>) {
    if (this.#started === 0) this.#begunAt = performance.now();
    this.#started += 1;
    const version = this.#name();
    await hooks.onPending([version]);
    this.#left -= 1;
    if (this.#left === 0) this.#done(performance.now() - this.#begunAt);
    return { kind: 'migrated' as const, version, applied: [version] };
  }

  async endSessions(): Promise<void> {
    // There are none.
  }

  #name(): string {
    return `20990101${String(this.#version).padStart(6, '0')}_bench`;
  }
}
