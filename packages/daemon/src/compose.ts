import { randomUUID } from 'node:crypto';
import { MigrationFolder } from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { FolderMigrator } from '@tenantctl/core/infrastructure/migrations/folder-migrator';
import { PgBossWorkQueue } from '@tenantctl/core/infrastructure/jobs/pg-boss-work-queue';
import { assertMasterUsable } from '@tenantctl/core/infrastructure/postgres/assert-master';
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
/** Beside one for each lane: operations, the API, the stream, the projector, the queue. */
const OTHER_CONNECTIONS = 16;

const clock = { now: () => new Date() };
const ids = { uuid: randomUUID };

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
export async function compose(needs: Needs): Promise<Daemon> {
  const { config, log } = needs;
  const master = await openMaster(needs);
  const tenantSide = openTenantSide(needs, master);
  const { eventLog, readModel, runs } = master;
  const steps = new Steps();
  const wakeups = { lanes: new Wakeup(), progress: new Wakeup() };
  const work = {
    ...tenantSide,
    tenantDatabases: master.databases,
    queue: master.queue,
    clock,
    log,
  };
  const operations = new OperationsService(work);
  const { registry } = master;
  const { daemonId } = needs;
  const lanes = new LanesService({
    ...work,
    runs,
    steps,
    registry,
    daemonId,
    wakeup: wakeups.lanes,
  });
  const progress = new ProgressService({ runs, steps, wakeup: wakeups.progress });
  const feed = new EventFeed({ eventLog, log });
  const lock = new PostgresExclusiveLock({
    url: needs.masterUrl,
    applicationName: APPLICATION_NAME,
  });
  const projector = new Projector({ eventLog, readModel, lock, log });
  const keepMs = config.TENANTD_OUTBOX_RETENTION;
  const retention = new OutboxRetention({ eventLog, keepMs, clock, log });
  const onWorkQueued = () => {
    operations.wake();
    wakeups.lanes.wake();
    wakeups.progress.wake();
  };
  return {
    services: [feed, operations, lanes, progress, projector, retention],
    openApi: () =>
      openApi({
        address: parseListenAddress(config.TENANTD_LISTEN),
        needs: { ...master, migrator: tenantSide.migrator, clock, ids, onWorkQueued },
        feed,
        eventLog,
        fleet: master.fleet,
        progress,
        readiness: async () => {
          const head = await eventLog.head();
          const cursor = await readModel.cursor();
          return { master: true, eventLag: head - feed.seq, projectorLag: head - cursor };
        },
        daemon: { name: config.TENANTD_NAME, protected: config.TENANTD_PROTECTED, version },
        log,
      }),
    close: () => master.close(),
  };
}

/** Everything that lives in the master database: records, runs, events, the read model, the queue. */
async function openMaster({ config, masterUrl, encryptionKeys, daemonId, log }: Needs) {
  const about = { url: masterUrl, applicationName: APPLICATION_NAME };
  const box = SecretBox.fromKeys(encryptionKeys);
  await assertMasterUsable(about);
  const applied = await applyMasterMigrations(about);
  if (applied.length > 0) log.info({ applied }, 'master database migrated');
  // A connection that is being closed may still hear that PostgreSQL stops, too.
  let closing = false;
  const onConnectionLost = (error: Error) => {
    if (!closing) log.warn({ err: error }, 'master connection lost');
  };
  const maxConnections = config.TENANTD_LANES + OTHER_CONNECTIONS;
  // What was opened is closed again when a later step fails: the start is repeated until the master answers.
  await using ends = new AsyncDisposableStack();
  const client = openMasterClient({ ...about, maxConnections, onConnectionLost });
  ends.defer(() => client.close());
  const { prisma, pool } = client;
  const directory = new PrismaServerDirectory({ prisma, box });
  // With other keys than those its secrets were sealed with, all work would fail.
  await directory.find('default');
  await prisma.databaseServer.update({
    where: { name: 'default' },
    data: { lanes: config.TENANTD_LANES },
  });
  const queue = await PgBossWorkQueue.open({ pool, daemonId, onError: onConnectionLost });
  ends.defer(() => queue.close());
  const freed = await queue.freeOwnLeases();
  if (freed > 0) log.info({ jobs: freed }, 'took up what an earlier life had in hand');
  const eventLog = new PostgresEventLog({ ...about, pool });
  ends.defer(() => eventLog.close());
  const onCommitted = () => eventLog.committed();
  const databases = new TenantDatabasePrismaRepository({ prisma, jobs: queue, onCommitted });
  const opened = ends.move();
  return {
    prisma,
    box,
    directory,
    queue,
    eventLog,
    databases,
    tenants: new TenantPrismaRepository({ prisma, onCommitted }),
    runs: new MigrationRunPrismaRepository({
      client: prisma,
      tenantDatabases: databases,
      onEvents: onCommitted,
    }),
    readModel: new TenantDatabasePostgresReadRepository({ pool }),
    fleet: new PostgresFleetSnapshot({ pool }),
    registry: new DaemonPrismaRegistry({ prisma, daemonId }),
    close: () => {
      closing = true;
      return opened.disposeAsync();
    },
  };
}

/** Everything that reaches the servers with the tenants' databases. */
function openTenantSide(
  { config, masterUrl }: Needs,
  { prisma, box, directory }: Awaited<ReturnType<typeof openMaster>>,
) {
  const credentials = new PrismaCredentialStore({ prisma, box });
  const access = new ServerAccess({
    directory,
    masterUrl: ConnectionUrl.parse(masterUrl, 'MASTER_DATABASE_URL'),
  });
  const migrationsDirectory = config.TENANTD_MIGRATIONS_DIR;
  const folder = new MigrationFolder({ directory: migrationsDirectory });
  const timeouts = {
    lockTimeoutMs: config.TENANTD_LOCK_TIMEOUT,
    statementTimeoutMs: config.TENANTD_STATEMENT_TIMEOUT,
  };
  const migrator = new FolderMigrator({
    migrationsDirectory,
    openSession: ({ server, database, applicationName }) =>
      access.owner(server, database, { applicationName, ...timeouts }),
    openAdminSession: ({ server, applicationName }) => access.admin(server, { applicationName }),
  });
  const migrations = () => folder.load();
  const provisioner = new PostgresTenantProvisioner({ access, directory, credentials, migrations });
  return { migrator, provisioner };
}
