import { randomUUID } from 'node:crypto';
import { TenantDatabaseId } from '@tenantctl/core/domain/tenant-database-primitives';
import {
  migrationOf,
  type Migration,
} from '@tenantctl/core/infrastructure/migrations/migration-folder';
import { ServerAccess } from '@tenantctl/core/infrastructure/postgres/server-access';
import { PrismaCredentialStore } from '@tenantctl/core/infrastructure/prisma/credential-store';
import { openMasterClient } from '@tenantctl/core/infrastructure/prisma/master-client';
import { applyMasterMigrations } from '@tenantctl/core/infrastructure/prisma/master-migrations';
import { PrismaServerDirectory } from '@tenantctl/core/infrastructure/prisma/server-directory';
import { tenantRole } from '@tenantctl/core/infrastructure/provisioning/names';
import { PostgresTenantProvisioner } from '@tenantctl/core/infrastructure/provisioning/tenant-provisioner';
import { ConnectionUrl } from '@tenantctl/core/infrastructure/secrets/connection-url';
import { SecretBox } from '@tenantctl/core/infrastructure/secrets/secret-box';
import type { ProvisionTarget } from '@tenantctl/core/ports/tenant-provisioner';
import { Client } from 'pg';
import { startTestPostgres } from './postgres.ts';

/** A migration as its folder would hold it. */
export const migration = (name: string, sql: string): Migration =>
  migrationOf(name, Buffer.from(sql));

/** What the provisioner needs, on a master database; one for each process that provisions. */
export function provisioningOn(masterUrl: string, keys: string, head: () => readonly Migration[]) {
  const master = openMasterClient({ url: masterUrl, applicationName: 'test' });
  const box = SecretBox.fromKeys(keys);
  const directory = new PrismaServerDirectory({ prisma: master.prisma, box });
  const credentials = new PrismaCredentialStore({ prisma: master.prisma, box });
  const access = new ServerAccess({
    directory,
    masterUrl: ConnectionUrl.parse(masterUrl, 'MASTER_DATABASE_URL'),
  });
  const provisioner = new PostgresTenantProvisioner({
    access,
    directory,
    credentials,
    migrations: async () => head(),
  });
  return { master, box, directory, credentials, access, provisioner };
}

/** The master's tables, as its migrations make them. */
export const migrateMaster = (masterUrl: string) =>
  applyMasterMigrations({ url: masterUrl, applicationName: 'test' });

/** A tenant and its record, as the command leaves them for the provisioner. */
export async function newRecord(
  { master }: Pick<ReturnType<typeof provisioningOn>, 'master'>,
  databaseName = `tenant_${randomUUID()}`,
): Promise<ProvisionTarget> {
  const tenantId = randomUUID();
  const id = TenantDatabaseId.parse(randomUUID());
  await master.prisma.tenant.create({ data: { id: tenantId, slug: `t-${tenantId}`, name: 'T' } });
  await master.prisma.tenantDatabase.create({
    data: { id, tenantId, databaseName, readDatabaseName: `${databaseName}_read` },
  });
  return { id, server: 'default', databaseName, workId: randomUUID() };
}

/**
 * A private server with a master database, one daemon's provisioner on it, and sessions of all kinds, which end
 * with it.
 *
 *   const server = await startTenantServer(head);     in beforeAll
 *   afterAll(() => server.stop());
 */
export async function startTenantServer(
  head: readonly Migration[],
  settings: Readonly<Record<string, string>> = {},
) {
  const postgres = await startTestPostgres(settings);
  await migrateMaster(postgres.masterUrl);
  const keys = SecretBox.generateKey('test').reveal();
  const newDaemon = () => provisioningOn(postgres.masterUrl, keys, () => head);
  const world = newDaemon();
  const sessions: Client[] = [];

  async function connect(connectionString: string): Promise<Client> {
    const client = new Client({ connectionString });
    // What the server ends is an error of the next query, and none of the process.
    client.on('error', () => {});
    await client.connect();
    sessions.push(client);
    return client;
  }

  return {
    ...world,
    postgres,
    newDaemon,
    connect,
    newTarget: (databaseName?: string) => newRecord(world, databaseName),
    asSuperuser: (database = 'postgres') => {
      const url = new URL(postgres.superuserUrl);
      url.pathname = `/${database}`;
      return connect(url.href);
    },
    /** As the login of this tenant, in its own database or another. */
    asTenant: async (target: ProvisionTarget, database = target.databaseName) => {
      const password = await world.credentials.rolePassword(target.id);
      const as = { user: tenantRole(target.id), password: password.reveal() };
      return connect(postgres.url(database, as));
    },
    stop: async () => {
      await Promise.all(sessions.map((client) => client.end().catch(() => {})));
      await world.master.close();
      await postgres.stop();
    },
  };
}
