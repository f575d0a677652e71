import { z } from 'zod';
import { Problem } from '../domain/errors.ts';
import type { TenantDatabaseAggregate } from '../domain/tenant-database.ts';
import { TenantId, TenantSlug, type Tenant } from '../domain/tenant.ts';
import type { TenantDatabaseReadRepository } from '../ports/tenant-database-read-repository.ts';
import type {
  Principal,
  TenantDatabaseWriteRepository,
} from '../ports/tenant-database-write-repository.ts';
import type { TenantRepository } from '../ports/tenant-repository.ts';
import type { TenantDatabaseViewModel } from './view-models/tenant-database-view-model.ts';

type Tenants = { readonly tenants: Pick<TenantRepository, 'find'> };
type Databases = {
  readonly databases: Pick<TenantDatabaseWriteRepository, 'findById' | 'findByTenantId'>;
};
type ReadModel = { readonly readModel: Pick<TenantDatabaseReadRepository, 'findById'> };

/** How people and programs name a tenant: its UUID or its slug. */
export const TenantIdOrSlug = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => [TenantId, TenantSlug].some((schema) => schema.safeParse(text).success), {
    error: ({ input }) => `is ${JSON.stringify(input)}, which is neither a UUID nor a slug`,
  });

const ranks: Readonly<Record<Principal['role'], number>> = { viewer: 0, operator: 1, admin: 2 };

/** Throws `FORBIDDEN` when the principal's role is less than `role`. */
export function assertRole(principal: Principal, role: Principal['role'], command: string): void {
  if (ranks[principal.role] >= ranks[role]) return;
  throw new Problem('FORBIDDEN', command, {
    more: ` to the role ${principal.role}: it takes ${role}`,
    facts: { role: principal.role, needed: role },
  });
}

/** The tenant of this UUID or slug. Throws `TENANT_NOT_FOUND`. */
export async function assertTenantExists({ tenants }: Tenants, idOrSlug: string): Promise<Tenant> {
  const tenant = await tenants.find(idOrSlug);
  if (tenant === null) throw new Problem('TENANT_NOT_FOUND', idOrSlug);
  return tenant;
}

/**
 * The record of this id. Throws `TENANT_DATABASE_NOT_FOUND`, or `TENANT_DATABASE_DELETED`.
 * @public
 */
export async function assertTenantDatabaseExists(
  { databases }: Databases,
  id: string,
): Promise<TenantDatabaseAggregate> {
  return present(await databases.findById(id), id);
}

/** The record of this tenant. Throws `TENANT_DATABASE_NOT_FOUND`, or `TENANT_DATABASE_DELETED`. */
export async function assertTenantHasDatabase(
  { databases }: Databases,
  tenant: Pick<Tenant, 'id' | 'slug'>,
): Promise<TenantDatabaseAggregate> {
  return present((await databases.findByTenantId(tenant.id))?.[0], tenant.slug);
}

/** Throws `TENANT_DATABASE_ALREADY_EXISTS` when a record has this id; a deleted one counts. */
export async function assertTenantDatabaseNotExists(
  { databases }: Databases,
  id: string,
): Promise<void> {
  if ((await databases.findById(id)) === null) return;
  throw new Problem('TENANT_DATABASE_ALREADY_EXISTS', id);
}

/**
 * Throws `TENANT_DATABASE_TENANT_ID_EXISTS` when the tenant has a database, and `TENANT_DATABASE_DELETED`
 * when it has a deleted one, which has to be undeleted or purged first.
 */
export async function assertTenantDatabaseTenantIdIsUnique(
  { databases }: Databases,
  tenant: Pick<Tenant, 'id' | 'slug'>,
): Promise<void> {
  const existing = (await databases.findByTenantId(tenant.id))?.[0];
  if (existing === undefined) return;
  const { databaseName, status } = present(existing, tenant.slug);
  throw new Problem('TENANT_DATABASE_TENANT_ID_EXISTS', tenant.slug, {
    more: `: "${databaseName}", which is ${status}`,
    facts: { id: existing.id, databaseName, status },
  });
}

/**
 * The view of this id in the read model. Throws `TENANT_DATABASE_NOT_FOUND`.
 * @public
 */
export async function assertTenantDatabaseViewModelExists(
  { readModel }: ReadModel,
  id: string,
): Promise<TenantDatabaseViewModel> {
  const view = await readModel.findById(id);
  if (view === null) throw new Problem('TENANT_DATABASE_NOT_FOUND', id);
  return view;
}

function present(
  database: TenantDatabaseAggregate | null | undefined,
  subject: string,
): TenantDatabaseAggregate {
  if (database === null || database === undefined) {
    throw new Problem('TENANT_DATABASE_NOT_FOUND', subject);
  }
  if (database.deletedAt !== null) {
    throw new Problem('TENANT_DATABASE_DELETED', database.tenantSlug);
  }
  return database;
}
