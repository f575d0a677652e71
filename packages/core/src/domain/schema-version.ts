import { z } from 'zod';

/** The schema version of a tenant database: the name of the last migration folder applied to it. */
export const TenantDatabaseSchemaVersion = z
  .string()
  .min(1)
  .max(255)
  .brand<'TenantDatabaseSchemaVersion'>();
export type TenantDatabaseSchemaVersion = z.infer<typeof TenantDatabaseSchemaVersion>;
