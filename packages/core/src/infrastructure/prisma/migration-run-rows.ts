import { z } from 'zod';
import type {
  MigrationRunItemViewModel,
  MigrationRunViewModel,
} from '../../application/view-models/migration-run-view-model.ts';
import { Failure } from '../../domain/failure.ts';
import {
  FrozenMigration,
  MigrationRunItemState,
  MigrationRunState,
  type ItemCounts,
} from '../../domain/migration-run.ts';

/** `MigrationRun` as SQL gives it. */
export const RunRow = z.object({
  id: z.uuid(),
  number: z.int(),
  state: MigrationRunState,
  targetVersion: z.string(),
  migrations: z.array(FrozenMigration),
  startedBy: z.string(),
  reason: z.string().nullable(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
});
export type RunRow = z.infer<typeof RunRow>;

export const CountRow = z.object({ state: MigrationRunItemState, count: z.coerce.number().int() });
export const CauseRow = z.object({
  cause: z.string(),
  count: z.coerce.number().int(),
  failure: Failure,
  slug: z.string(),
});

/** One item with its tenant's slug, as SQL gives it. */
export const ItemRow = z.object({
  id: z.uuid(),
  runId: z.uuid(),
  tenantDatabaseId: z.uuid(),
  tenantSlug: z.string(),
  server: z.string(),
  state: MigrationRunItemState,
  attempts: z.int(),
  lane: z.int().nullable(),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  skipReason: z.string().nullable(),
  cause: z.string().nullable(),
  failure: Failure.nullable(),
}) satisfies z.ZodType<MigrationRunItemViewModel>;

export function countsOf(rows: readonly z.infer<typeof CountRow>[]): ItemCounts {
  const of = (state: MigrationRunItemState) => rows.find((row) => row.state === state)?.count ?? 0;
  return {
    pending: of('pending'),
    running: of('running'),
    done: of('done'),
    unchanged: of('unchanged'),
    failed: of('failed'),
    skipped: of('skipped'),
  };
}

export function runViewOf(
  row: RunRow,
  counts: ItemCounts,
  causes: readonly z.infer<typeof CauseRow>[],
): MigrationRunViewModel {
  const { migrations, ...rest } = row;
  return {
    ...rest,
    migrationCount: migrations.length,
    counts,
    causes: causes.map(({ cause, count, failure, slug }) => ({
      cause,
      count,
      sample: failure,
      sampleTenantSlug: slug,
    })),
  };
}
