import { z } from 'zod';
import type { Failure } from './failure.ts';

/** The states of a fleet migration. One run at a time is `running` or `paused`. */
export const MigrationRunState = z.enum([
  'running',
  'paused',
  'completed',
  'completed-with-failures',
  'stopped',
  'aborted',
]);
export type MigrationRunState = z.infer<typeof MigrationRunState>;

/** The states of one tenant database in a run. `unchanged`: nothing was pending. */
export const MigrationRunItemState = z.enum([
  'pending',
  'running',
  'done',
  'unchanged',
  'failed',
  'skipped',
]);
export type MigrationRunItemState = z.infer<typeof MigrationRunItemState>;

/** Items by state. */
export const ItemCounts = z.record(MigrationRunItemState, z.int().nonnegative());
export type ItemCounts = z.infer<typeof ItemCounts>;

/** A migration as it stood on disk when a run was started: what the run applies, and nothing else. */
export const FrozenMigration = z.object({ name: z.string(), checksum: z.string().length(64) });
export type FrozenMigration = z.infer<typeof FrozenMigration>;

/** How an item ended, or that it goes back to the queue until `notBefore`. */
export type ItemOutcome =
  | { readonly state: 'done' | 'unchanged'; readonly toVersion: string | undefined }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'skipped'; readonly reason: string }
  | { readonly state: 'pending'; readonly notBefore: Date; readonly failure?: Failure };

/** The state a run ends in once no item is pending or running. */
export function endStateOf(counts: ItemCounts): MigrationRunState {
  return counts.failed > 0 ? 'completed-with-failures' : 'completed';
}
