import { randomUUID } from 'node:crypto';
import type { FleetEvent, NumberedEvent } from '@tenantctl/core/ports/event-log';
import type { AuditRecord } from '@tenantctl/core/ports/tenant-database-write-repository';
import { TenantDatabaseAggregate } from '@tenantctl/core/domain/tenant-database';
import { TenantDatabaseName } from '@tenantctl/core/domain/tenant-database-name';
import { TenantDatabaseId } from '@tenantctl/core/domain/tenant-database-primitives';
import { Tenant } from '@tenantctl/core/domain/tenant';
import type { Operation, Work } from '@tenantctl/core/domain/work';
import { PostgresEventLog } from '@tenantctl/core/infrastructure/postgres/postgres-event-log';
import type { JobWriter } from '@tenantctl/core/infrastructure/prisma/job-writer';
import { openMasterClient } from '@tenantctl/core/infrastructure/prisma/master-client';
import { applyMasterMigrations } from '@tenantctl/core/infrastructure/prisma/master-migrations';
import { TenantDatabasePrismaRepository } from '@tenantctl/core/infrastructure/prisma/tenant-database-prisma-repository';
import { TenantPrismaRepository } from '@tenantctl/core/infrastructure/prisma/tenant-prisma-repository';
import pg from 'pg';
import type { TestPostgres } from './postgres.ts';

// A master database of a test's own: migrated, opened, with the repositories on it.
//
//   await using master = await openTestMaster(postgres);

/** For tests in which no job may be asked for. */
const noJobs: JobWriter = {
  start: () => Promise.reject(new Error('no job was expected')),
  complete: () => Promise.reject(new Error('no job was expected')),
};

export const auditOf = (command: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  principal: { name: 'unix:uid=1000', role: 'admin', requestId: randomUUID() },
  command,
  subjectId: null,
  arguments: {},
  ...more,
});

export const workOf = (operation: Operation, more: Partial<Work> = {}): Work => ({
  kind: 'operation',
  id: randomUUID(),
  operation,
  attempt: 0,
  since: new Date(),
  ...more,
});

export type TestMaster = Awaited<ReturnType<typeof openTestMaster>>;

export async function openTestMaster(
  postgres: TestPostgres,
  { jobs = noJobs }: { readonly jobs?: JobWriter } = {},
) {
  const url = postgres.url(await cloneOf(await templateOn(postgres), postgres));
  const master = openMaster(url, { jobs });
  await master.pool.query(
    `UPDATE "GlobalSetting" SET "value" = to_jsonb(gen_random_uuid()) WHERE "key" = 'event-epoch'`,
  );
  return { ...master, url };
}

const templates = new WeakMap<TestPostgres, Promise<string>>();

/** A migrated master that is only copied: much faster than migrating one for each test. */
function templateOn(postgres: TestPostgres): Promise<string> {
  const made = templates.get(postgres) ?? migratedOn(postgres);
  templates.set(postgres, made);
  return made;
}

async function migratedOn(postgres: TestPostgres): Promise<string> {
  const name = await postgres.createDatabase();
  await applyMasterMigrations({ url: postgres.url(name), applicationName: 'test' });
  return name;
}

async function cloneOf(template: string, postgres: TestPostgres): Promise<string> {
  const name = `master_${randomUUID()}`;
  const client = new pg.Client({ connectionString: postgres.masterUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE "${name}" TEMPLATE "${template}"`);
    return name;
  } finally {
    await client.end();
  }
}

/** Another one's view of the same master: its own pool, as another daemon has. */
export function openMaster(
  url: string,
  { jobs = noJobs, maxConnections = 20 }: { jobs?: JobWriter; maxConnections?: number } = {},
) {
  const { prisma, pool, close } = openMasterClient({
    url,
    applicationName: 'test',
    maxConnections,
  });
  const eventLog = new PostgresEventLog({ pool, url, applicationName: 'test' });
  const onCommitted = () => eventLog.committed();
  const tenants = new TenantPrismaRepository({ prisma, onCommitted });
  const repository = new TenantDatabasePrismaRepository({ prisma, jobs, onCommitted });

  async function newTenant(slug = `t-${randomUUID().slice(0, 13)}`): Promise<Tenant> {
    const now = new Date();
    const id = randomUUID();
    const tenant = Tenant.parse({ id, slug, name: `Tenant ${slug}`, tags: {}, createdAt: now });
    await tenants.create(tenant, auditOf('tenantCreate', { subjectId: id }));
    return tenant;
  }

  /** A record that nobody has saved yet, of a tenant that exists. */
  async function newRecord(
    options: {
      readonly slug?: string;
      readonly tenant?: Tenant;
      readonly work?: Work;
      readonly databaseName?: string;
    } = {},
  ): Promise<TenantDatabaseAggregate> {
    const { work, databaseName } = options;
    return TenantDatabaseAggregate.create({
      id: TenantDatabaseId.parse(randomUUID()),
      tenant: options.tenant ?? (await newTenant(options.slug)),
      server: 'default',
      work,
      databaseName: databaseName === undefined ? undefined : TenantDatabaseName.parse(databaseName),
      now: new Date(),
    });
  }

  /** A stored record that is ACTIVE. */
  async function activeRecord(slug?: string): Promise<TenantDatabaseAggregate> {
    const record = await newRecord(slug === undefined ? {} : { slug });
    record.provisioned('20260101000000_init', new Date());
    return repository.save(record);
  }

  /** Every event there is, oldest first. */
  const events = (): Promise<readonly NumberedEvent[]> => eventLog.after(0, 1_000_000);
  const eventTypes = async (): Promise<readonly FleetEvent['type'][]> =>
    (await events()).map(({ event }) => event.type);

  return {
    prisma,
    pool,
    eventLog,
    tenants,
    repository,
    newTenant,
    newRecord,
    activeRecord,
    events,
    eventTypes,
    async [Symbol.asyncDispose]() {
      await eventLog.close();
      await close();
    },
  };
}
