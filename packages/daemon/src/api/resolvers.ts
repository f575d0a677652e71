import { createTenantDatabase } from '@tenantctl/core/application/commands/create-tenant-database';
import { createTenant } from '@tenantctl/core/application/commands/create-tenant';
import { migrateTenantDatabase } from '@tenantctl/core/application/commands/migrate-tenant-database';
import { resumeTenantDatabase } from '@tenantctl/core/application/commands/resume-tenant-database';
import { retryTenantDatabase } from '@tenantctl/core/application/commands/retry-tenant-database';
import { startMigrationRun } from '@tenantctl/core/application/commands/start-migration-run';
import { suspendTenantDatabase } from '@tenantctl/core/application/commands/suspend-tenant-database';
import { findMigrationRunById } from '@tenantctl/core/application/queries/find-migration-run-by-id';
import { findMigrationRunItems } from '@tenantctl/core/application/queries/find-migration-run-items';
import { findNewestMigrationRuns } from '@tenantctl/core/application/queries/find-newest-migration-runs';
import { findTenantDatabaseById } from '@tenantctl/core/application/queries/find-tenant-database-by-id';
import { findTenantDatabaseByTenantId } from '@tenantctl/core/application/queries/find-tenant-database-by-tenant-id';
import { findTenantDatabasesByCriteria } from '@tenantctl/core/application/queries/find-tenant-databases-by-criteria';
import { findTenantsByCriteria } from '@tenantctl/core/application/queries/find-tenants-by-criteria';
import {
  viewOf,
  type TenantDatabaseViewModel,
} from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { Problem } from '@tenantctl/core/domain/errors';
import type { TenantDatabaseAggregate } from '@tenantctl/core/domain/tenant-database';
import type { Principal } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { DaemonInfo } from '@tenantctl/core/wire/stream';
import type { ApiNeeds } from './api-needs.ts';
import { enums } from './graphql-enums.ts';
import { inputOf, inputWithoutNulls, type Given } from './graphql-input.ts';
import { DateTime, Json } from './scalars.ts';

/** Who asks. */
export type RequestContext = { readonly principal: Principal };

type Options = {
  readonly needs: ApiNeeds;
  readonly daemonInfo: (principal: Principal) => DaemonInfo;
  /** The daemon is going away and takes no commands any more. */
  readonly isClosing: () => boolean;
};

type Query<I, R> = (needs: ApiNeeds, query: I) => Promise<R>;
type Command<I> = (needs: ApiNeeds, command: I, principal: Principal) => Promise<string>;

/** The resolvers of schema.graphql: each calls one command or query and says how it went. */
export function resolversFor({ needs, daemonInfo, isClosing }: Options) {
  const query =
    <I, R>(find: Query<I, R>) =>
    (_parent: unknown, given: Given<I>): Promise<R> =>
      find(needs, inputWithoutNulls(given));

  const command =
    <I>(handle: Command<I>, message: string) =>
    async (_parent: unknown, given: Given<I>, { principal }: RequestContext) => {
      if (isClosing()) throw new Problem('SHUTTING_DOWN', 'tenantd');
      const id = await handle(needs, inputOf(given), principal);
      needs.onWorkQueued();
      return { success: true, message, id };
    };

  return {
    DateTime,
    JSON: Json,
    ...enums,
    Query: {
      tenantDatabaseFindById: query(viewed(findTenantDatabaseById)),
      tenantDatabaseFindByTenantId: query(viewed(findTenantDatabaseByTenantId)),
      tenantDatabaseFindByCriteria: query((all: ApiNeeds, criteria: object) =>
        findTenantDatabasesByCriteria(all, { criteria }),
      ),
      tenantFindByCriteria: query(findTenantsByCriteria),
      migrationRunFindById: query(findMigrationRunById),
      migrationRuns: (_parent: unknown, limits: { readonly limit?: number | null }) =>
        findNewestMigrationRuns(needs, limits),
      migrationRunItems: query(findMigrationRunItems),
      daemonInfo: (_parent: unknown, _none: object, { principal }: RequestContext) =>
        daemonInfo(principal),
    },
    Mutation: {
      tenantCreate: command(createTenant, 'Tenant created successfully'),
      tenantDatabaseCreate: command(createTenantDatabase, 'Tenant database created successfully'),
      tenantDatabaseMigrate: command(
        migrateTenantDatabase,
        'Migration of the tenant database queued',
      ),
      tenantDatabaseRetry: command(retryTenantDatabase, 'Retry on the tenant database queued'),
      tenantDatabaseSuspend: command(
        suspendTenantDatabase,
        'Suspension of the tenant database queued',
      ),
      tenantDatabaseResume: command(
        resumeTenantDatabase,
        'Resumption of the tenant database queued',
      ),
      migrationRunStart: command(
        async (...given: Parameters<typeof startMigrationRun>) =>
          (await startMigrationRun(...given)).id,
        'Migration run started',
      ),
    },
  };
}

/** The query with its record as the view that the API shows. */
function viewed<I>(find: Query<I, TenantDatabaseAggregate | null>) {
  return async (needs: ApiNeeds, query: I): Promise<TenantDatabaseViewModel | null> => {
    const record = await find(needs, query);
    return record === null ? null : viewOf(record.toPrimitives());
  };
}
