import type { TenantDatabaseId } from '../../domain/tenant-database-primitives.ts';

// Every name is made from the record's id or from a checksum, never from a name that someone chose: no two
// of them can be cut to the same 63 bytes. `tenantctl_…` is reserved, so no tenant's database can be called so.

/** The login of one tenant. */
export const tenantRole = (id: TenantDatabaseId): string => `tenant_${id}`;

/** What a database is called until it is finished. */
export const stagingName = (id: TenantDatabaseId): string => `tenantctl_new_${id}`;

/** The comment that says whose a database is. */
export const ownershipMark = (id: TenantDatabaseId): string => `tenantctl:${id}`;

/** Followed by a checksum of the migrations that it holds. */
export const TEMPLATE_PREFIX = 'tenantctl_template_';
/** What a template is called until it is finished. */
export const BUILDING_PREFIX = 'tenantctl_building_';
export const TEMPLATE_MARK = 'tenantctl:template';
