import { z } from 'zod';

const reserved = /^(postgres|template0|template1|pg_.*|tenantctl_.*)$/;

/**
 * The name of a tenant's PostgreSQL database: 1 to 58 bytes, starting with a lower-case letter, then
 * `a-z 0-9 _ -`. 58, so that `<name>_read` still fits in PostgreSQL's 63 bytes and two names can
 * never be truncated to the same one. PostgreSQL's own names and ours (`tenantctl_…`) are reserved.
 */
export const TenantDatabaseName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,57}$/, 'must match ^[a-z][a-z0-9_-]{0,57}$')
  .refine(
    (name) => !reserved.test(name),
    'is reserved, as are postgres, template0, template1 and all that begin with pg_ or tenantctl_',
  )
  .brand<'TenantDatabaseName'>();
export type TenantDatabaseName = z.infer<typeof TenantDatabaseName>;

/** `tenant_<tenantId>`, the name of a database that was given none. */
export function defaultDatabaseName(tenantId: string): TenantDatabaseName {
  return TenantDatabaseName.parse(`tenant_${tenantId}`);
}

/** The name of a tenant's MongoDB read database. */
export const TenantReadDatabaseName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must match ^[a-z][a-z0-9_-]{0,62}$')
  .brand<'TenantReadDatabaseName'>();
export type TenantReadDatabaseName = z.infer<typeof TenantReadDatabaseName>;

/** `<databaseName>_read`, as specified. */
export function defaultReadDatabaseName(databaseName: TenantDatabaseName): TenantReadDatabaseName {
  return TenantReadDatabaseName.parse(`${databaseName}_read`);
}
