import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import {
  ItemCounts,
  MigrationRunItemState,
  MigrationRunState,
} from '../../domain/migration-run.ts';

/** Failed items of a run that share a cause (domain/failure.ts, `causeOf`). */
export const CauseGroup = z.object({
  cause: z.string(),
  count: z.int().positive(),
  sample: Failure,
  sampleTenantSlug: z.string(),
});
export type CauseGroup = z.infer<typeof CauseGroup>;

/** A run as it is read. */
export const MigrationRunViewModel = z.object({
  id: z.uuid(),
  number: z.int().positive(),
  state: MigrationRunState,
  targetVersion: z.string(),
  /** How many migrations the run froze. */
  migrationCount: z.int().nonnegative(),
  startedBy: z.string(),
  reason: z.string().nullable(),
  startedAt: z.coerce.date(),
  endedAt: z.coerce.date().nullable(),
  counts: ItemCounts,
  causes: z.array(CauseGroup),
});
export type MigrationRunViewModel = z.infer<typeof MigrationRunViewModel>;

/** One tenant database in a run. */
export const MigrationRunItemViewModel = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  tenantDatabaseId: z.uuid(),
  tenantSlug: z.string(),
  server: z.string(),
  state: MigrationRunItemState,
  attempts: z.int().nonnegative(),
  lane: z.int().nullable(),
  startedAt: z.coerce.date().nullable(),
  endedAt: z.coerce.date().nullable(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  skipReason: z.string().nullable(),
  cause: z.string().nullable(),
  failure: Failure.nullable(),
});
export type MigrationRunItemViewModel = z.infer<typeof MigrationRunItemViewModel>;
