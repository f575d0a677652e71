import { z } from 'zod';
import { TenantDatabaseName } from '../../domain/tenant-database-name.ts';
import { TenantDatabaseId } from '../../domain/tenant-database-primitives.ts';
import { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type {
  Principal,
  TenantDatabaseWriteRepository,
} from '../../ports/tenant-database-write-repository.ts';
import type { TenantMigrator } from '../../ports/tenant-migrator.ts';
import type { TenantRepository } from '../../ports/tenant-repository.ts';
import {
  assertRole,
  assertTenantDatabaseNotExists,
  assertTenantDatabaseTenantIdIsUnique,
  assertTenantExists,
  TenantIdOrSlug,
} from '../asserts.ts';
import { optional, parseInput } from '../parse-input.ts';
import { newOperation } from '../queue-operation.ts';

/** `databaseName` is `tenant_<tenantId>` and `server` is `default` unless given. */
export const TenantDatabaseCreateCommand = z.strictObject({
  tenantId: TenantIdOrSlug,
  databaseName: optional(TenantDatabaseName),
  server: optional(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/, {
      error: ({ input }) => `is ${JSON.stringify(input)}, which is no name of a server`,
    }),
  ),
});
export type TenantDatabaseCreateCommand = z.input<typeof TenantDatabaseCreateCommand>;

type Needs = {
  readonly tenants: Pick<TenantRepository, 'find'>;
  readonly databases: Pick<TenantDatabaseWriteRepository, 'findById' | 'findByTenantId' | 'save'>;
  readonly migrator: Pick<TenantMigrator, 'migrationsOnDisk'>;
  readonly clock: Clock;
  readonly ids: Ids;
};

/**
 * Records a tenant's database as PROVISIONING and queues the work, both or neither. Returns the record's id.
 * Throws `INVALID_INPUT`, `INVALID_DATABASE_NAME`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_DATABASE_DELETED`,
 * `TENANT_DATABASE_TENANT_ID_EXISTS`, `DATABASE_NAME_TAKEN`, and what keeps the migrations on disk from being
 * applied: `MIGRATIONS_DIR_MISSING`, `MIGRATIONS_DIR_EMPTY`, `MIGRATION_FILE_MISSING`, `MIGRATION_REFUSED`.
 */
export async function createTenantDatabase(
  needs: Needs,
  command: TenantDatabaseCreateCommand,
  principal: Principal,
): Promise<string> {
  const {
    tenantId,
    databaseName,
    server = 'default',
  } = parseInput(TenantDatabaseCreateCommand, command);
  assertRole(principal, 'operator', 'TenantDatabaseCreateCommand');
  const { databases, clock, ids } = needs;
  const tenant = await assertTenantExists(needs, tenantId);
  await assertTenantDatabaseTenantIdIsUnique(needs, tenant);
  // A new database takes all of them.
  await needs.migrator.migrationsOnDisk(() => true);

  const id = TenantDatabaseId.parse(ids.uuid());
  await assertTenantDatabaseNotExists(needs, id);
  const now = clock.now();
  const work = newOperation('provision', { ids, now });
  const database = TenantDatabaseAggregate.create({ id, tenant, server, databaseName, work, now });
  await databases.save(database, {
    audit: {
      principal,
      command: 'TenantDatabaseCreateCommand',
      subjectId: id,
      arguments: { tenantId: tenant.id, databaseName: database.databaseName, server },
    },
    startJob: { jobId: work.id, operation: 'provision', tenantDatabaseId: id },
  });
  return id;
}
