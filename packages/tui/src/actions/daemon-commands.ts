import type { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { startMigrationRun } from '@tenantctl/core/wire/migration-run-operations';
import {
  createTenantDatabase,
  migrateTenantDatabase,
  resumeTenantDatabase,
  retryTenantDatabase,
  suspendTenantDatabase,
  type WorkOperation,
} from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import type { Target } from './confirm.ts';
import type { FleetCommands } from './fleet-commands.ts';

/** The commands as mutations of a daemon's API. */
export function daemonCommands(client: Pick<DaemonClient, 'request'>): FleetCommands {
  const work = (operation: WorkOperation) => async (target: Target) => {
    const input = { tenantId: target.id, revision: target.revision };
    return (await client.request(operation, { input })).message;
  };
  const provision = async (tenantId: string): Promise<string> =>
    (await client.request(createTenantDatabase, { input: { tenantId } })).message;
  return {
    retry: work(retryTenantDatabase),
    migrate: work(migrateTenantDatabase),
    suspend: work(suspendTenantDatabase),
    resume: work(resumeTenantDatabase),
    provision: (target) => provision(target.id),
    createTenant: async (slug) => {
      const created = await client.request(createTenant, { input: { slug } });
      return provision(created.id ?? slug);
    },
    migrateAll: async () => (await client.request(startMigrationRun, { input: {} })).message,
  };
}
