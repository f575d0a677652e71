import { randomUUID } from 'node:crypto';
import { MigrationFolder } from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { FolderMigrator } from '@tenantctl/core/infrastructure/migrations/folder-migrator';
import { PgBossWorkQueue } from '@tenantctl/core/infrastructure/jobs/pg-boss-work-queue';
import { PostgresEventLog } from '@tenantctl/core/infrastructure/postgres/postgres-event-log';
import { PostgresExclusiveLock } from '@tenantctl/core/infrastructure/postgres/postgres-exclusive-lock';
import { PostgresFleetSnapshot } from '@tenantctl/core/infrastructure/postgres/postgres-fleet-snapshot';
import { ServerAccess } from '@tenantctl/core/infrastructure/postgres/server-access';
import { TenantDatabasePostgresReadRepository } from '@tenantctl/core/infrastructure/postgres/tenant-database-postgres-read-repository';
import { PrismaCredentialStore } from '@tenantctl/core/infrastructure/prisma/credential-store';
import { DaemonPrismaRegistry } from '@tenantctl/core/infrastructure/prisma/daemon-prisma-registry';
import { openMasterClient } from '@tenantctl/core/infrastructure/prisma/master-client';
import { applyMasterMigrations } from '@tenantctl/core/infrastructure/prisma/master-migrations';
import { MigrationRunPrismaRepository } from '@tenantctl/core/infrastructure/prisma/migration-run-prisma-repository';
import { PrismaServerDirectory } from '@tenantctl/core/infrastructure/prisma/server-directory';
import { TenantDatabasePrismaRepository } from '@tenantctl/core/infrastructure/prisma/tenant-database-prisma-repository';
import { TenantPrismaRepository } from '@tenantctl/core/infrastructure/prisma/tenant-prisma-repository';
import { PostgresTenantProvisioner } from '@tenantctl/core/infrastructure/provisioning/tenant-provisioner';
import { ConnectionUrl } from '@tenantctl/core/infrastructure/secrets/connection-url';
import { SecretBox } from '@tenantctl/core/infrastructure/secrets/secret-box';
import { EventFeed } from './api/event-feed.ts';
import { parseListenAddress } from './api/listen-address.ts';
import { openApi, type Api } from './api/server.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { OperationsService } from './operations/worker.ts';
import { Projector } from './projector.ts';
import { OutboxRetention } from './retention.ts';
import { LanesService } from './runs/lanes.ts';
import { ProgressService } from './runs/progress.ts';
import { Steps } from './runs/steps.ts';
import type { Service } from './service.ts';
import { version } from './version.ts';
import { Wakeup } from './wakeup.ts';

const APPLICATION_NAME = 'tenantd';

type Needs = {
  readonly config: Config;
  readonly masterUrl: string;
  readonly encryptionKeys: string;
  readonly daemonId: string;
  readonly log: Log;
};

/** The daemon, put together. */
export type Daemon = {
  readonly services: readonly Service[];
  /** Starts to listen. Throws `DAEMON_ALREADY_RUNNING`. */
  readonly openApi: () => Promise<Api>;
  /** Closes the queue and every connection; what is in hand has ended before. */
  readonly close: () => Promise<void>;
};

/** Brings the master database up to date and binds every port to its adapter. The one file that knows them all. */
export async function compose({
  config,
  masterUrl,
  encryptionKeys,
  daemonId,
  log,
}: Needs): Promise<Daemon> {
  const applied = await applyMasterMigrations({
    url: masterUrl,
    applicationName: APPLICATION_NAME,
  });
  if (applied.length > 0) log.info({ applied }, 'master database migrated');

  const clock = { now: () => new Date() };
  const ids = { uuid: randomUUID };
  const onConnectionLost = (error: Error) => log.warn({ err: error }, 'master connection lost');
  const master = openMasterClient({
    url: masterUrl,
    applicationName: APPLICATION_NAME,
    maxConnections: config.TENANTD_LANES + 12,
    onConnectionLost,
  });
  const { prisma, pool } = master;
  await prisma.databaseServer.update({
    where: { name: 'default' },
    data: { lanes: config.TENANTD_LANES },
  });
  const queue = await PgBossWorkQueue.open({ url: masterUrl, daemonId, onError: onConnectionLost });
  const freed = await queue.freeOwnLeases();
  if (freed > 0) log.info({ jobs: freed }, 'took up what an earlier life had in hand');

  const eventLog = new PostgresEventLog({
    pool,
    url: masterUrl,
    applicationName: APPLICATION_NAME,
  });
  const onCommitted = () => eventLog.committed();
  const databases = new TenantDatabasePrismaRepository({ prisma, jobs: queue, onCommitted });
  const tenants = new TenantPrismaRepository({ prisma, onCommitted });
  const runs = new MigrationRunPrismaRepository({
    client: prisma,
    tenantDatabases: databases,
    onEvents: onCommitted,
  });
  const readModel = new TenantDatabasePostgresReadRepository({ pool });
  const fleet = new PostgresFleetSnapshot({ pool });

  const box = SecretBox.fromKeys(encryptionKeys);
  const directory = new PrismaServerDirectory({ prisma, box });
  const credentials = new PrismaCredentialStore({ prisma, box });
  const access = new ServerAccess({
    directory,
    masterUrl: ConnectionUrl.parse(masterUrl, 'MASTER_DATABASE_URL'),
  });
  const timeouts = {
    lockTimeoutMs: config.TENANTD_LOCK_TIMEOUT,
    statementTimeoutMs: config.TENANTD_STATEMENT_TIMEOUT,
  };
  const migrator = new FolderMigrator({
    migrationsDirectory: config.TENANTD_MIGRATIONS_DIR,
    openSession: ({ server, database, applicationName }) =>
      access.owner(server, database, { applicationName, ...timeouts }),
    openAdminSession: ({ server, applicationName }) => access.admin(server, { applicationName }),
  });
  const folder = new MigrationFolder({ directory: config.TENANTD_MIGRATIONS_DIR });
  const provisioner = new PostgresTenantProvisioner({
    access,
    directory,
    credentials,
    migrations: () => folder.load(),
  });

  const steps = new Steps();
  const runStarted = new Wakeup();
  const progressWakeup = new Wakeup();
  const work = { tenantDatabases: databases, migrator, clock };
  const operations = new OperationsService({ ...work, provisioner, queue, log });
  const lanes = new LanesService({
    ...work,
    runs,
    steps,
    queue,
    registry: new DaemonPrismaRegistry({ prisma, daemonId }),
    daemonId,
    wakeup: runStarted,
    log,
  });
  const progress = new ProgressService({ runs, steps, wakeup: progressWakeup });
  const feed = new EventFeed({ eventLog, log });
  const lock = new PostgresExclusiveLock({ url: masterUrl, applicationName: APPLICATION_NAME });
  const projector = new Projector({ eventLog, readModel, lock, log });
  const retention = new OutboxRetention({
    eventLog,
    keepMs: config.TENANTD_OUTBOX_RETENTION,
    clock,
    log,
  });

  return {
    services: [feed, operations, lanes, progress, projector, retention],
    openApi: () =>
      openApi({
        address: parseListenAddress(config.TENANTD_LISTEN),
        needs: {
          tenants,
          databases,
          readModel,
          runs,
          migrator,
          clock,
          ids,
          onWorkQueued: () => {
            operations.wake();
            runStarted.wake();
            progressWakeup.wake();
          },
        },
        feed,
        eventLog,
        fleet,
        progress,
        readiness: async () => {
          const head = await eventLog.head();
          const cursor = await readModel.cursor();
          return { master: true, eventLag: head - feed.seq, projectorLag: head - cursor };
        },
        daemon: { name: config.TENANTD_NAME, protected: config.TENANTD_PROTECTED, version },
        log,
      }),
    close: async () => {
      await queue.close();
      await eventLog.close();
      await master.close();
    },
  };
}
