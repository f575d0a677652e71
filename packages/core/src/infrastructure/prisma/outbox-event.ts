import { z } from 'zod';
import { MigrationRunViewModel } from '../../application/view-models/migration-run-view-model.ts';
import { TenantCreatedEvent, TenantDatabaseEvent } from '../../domain/tenant-database-events.ts';
import type { FleetEvent } from '../../ports/event-log.ts';

const MigrationRunEvent = z.object({
  type: z.enum(['MigrationRunStartedEvent', 'MigrationRunEndedEvent', 'MigrationRunUpdatedEvent']),
  at: z.coerce.date(),
  run: MigrationRunViewModel,
});

const StoredEvent = z.discriminatedUnion('type', [
  ...TenantDatabaseEvent.options,
  TenantCreatedEvent,
  MigrationRunEvent,
]) satisfies z.ZodType<FleetEvent>;

/** An event as `OutboxEvent` keeps it: `payload` is what the event says beyond its type and time. */
export type OutboxEvent = {
  readonly type: FleetEvent['type'];
  readonly at: Date;
  readonly subjectId: string;
  readonly payload: object;
};

export function outboxEventOf(event: FleetEvent): OutboxEvent {
  const { type, at, ...payload } = event;
  return { type, at, subjectId: subjectOf(event), payload };
}

/** The event that a row of `OutboxEvent` holds. Throws a `ZodError` when it is none of ours. */
export function eventOf(row: {
  readonly type: string;
  readonly at: Date;
  readonly payload: object;
}): FleetEvent {
  return StoredEvent.parse({ ...row.payload, type: row.type, at: row.at });
}

function subjectOf(event: FleetEvent): string {
  if ('database' in event) return event.database.id;
  if ('tenant' in event) return event.tenant.id;
  return event.run.id;
}
