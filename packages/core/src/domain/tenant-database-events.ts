import { z } from 'zod';
import { Tenant } from './tenant.ts';
import { TenantDatabasePrimitives } from './tenant-database-primitives.ts';

/** What an update was, so that a reader need not compare two records. */
export const TenantDatabaseChange = z.enum([
  /** Work was accepted and waits for a daemon. */
  'queued',
  /** Work ended and nothing had to be done. */
  'unchanged',
  /** Work ended without its effect and without making the database FAILED (suspend, resume). */
  'operation-failed',
  'provisioning-started',
  'provisioned',
  'migration-started',
  'migrated',
  'rolled-back',
  'failed',
  'suspended',
  'resumed',
  'renamed',
  'restored',
  'edited',
]);
export type TenantDatabaseChange = z.infer<typeof TenantDatabaseChange>;

const fact = { at: z.coerce.date(), database: TenantDatabasePrimitives };

export const TenantDatabaseCreatedEvent = z.object({
  type: z.literal('TenantDatabaseCreatedEvent'),
  ...fact,
});
export type TenantDatabaseCreatedEvent = z.infer<typeof TenantDatabaseCreatedEvent>;

export const TenantDatabaseUpdatedEvent = z.object({
  type: z.literal('TenantDatabaseUpdatedEvent'),
  change: TenantDatabaseChange,
  reason: z.string().optional(),
  ...fact,
});
export type TenantDatabaseUpdatedEvent = z.infer<typeof TenantDatabaseUpdatedEvent>;

export const TenantDatabaseDeletedEvent = z.object({
  type: z.literal('TenantDatabaseDeletedEvent'),
  ...fact,
});
export type TenantDatabaseDeletedEvent = z.infer<typeof TenantDatabaseDeletedEvent>;

/** Facts about one tenant database; each carries the whole record as it was after the change. */
export const TenantDatabaseEvent = z.discriminatedUnion('type', [
  TenantDatabaseCreatedEvent,
  TenantDatabaseUpdatedEvent,
  TenantDatabaseDeletedEvent,
]);
export type TenantDatabaseEvent = z.infer<typeof TenantDatabaseEvent>;

export const TenantCreatedEvent = z.object({
  type: z.literal('TenantCreatedEvent'),
  at: z.coerce.date(),
  tenant: Tenant,
});
export type TenantCreatedEvent = z.infer<typeof TenantCreatedEvent>;
