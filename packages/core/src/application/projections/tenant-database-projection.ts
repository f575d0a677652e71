import type { NumberedEvent } from '../../ports/event-log.ts';
import type { ViewChange } from '../../ports/tenant-database-read-repository.ts';
import { viewOf } from '../view-models/tenant-database-view-model.ts';

/** What an event does to the read model; null when it is about something else. */
export function changeOf({ seq, event }: NumberedEvent): ViewChange | null {
  switch (event.type) {
    case 'TenantDatabaseCreatedEvent':
    case 'TenantDatabaseUpdatedEvent':
    case 'TenantDatabaseDeletedEvent': {
      const { database } = event;
      return database.deletedAt === null
        ? { kind: 'save', view: viewOf(database), seq }
        : { kind: 'delete', id: database.id, seq };
    }
    case 'TenantCreatedEvent':
    case 'MigrationRunStartedEvent':
    case 'MigrationRunUpdatedEvent':
    case 'MigrationRunEndedEvent':
      return null;
  }
}

/**
 * What a batch of events, oldest first, comes to: the last change of each record. Every event carries the
 * whole record, so nothing is lost with the others.
 */
export function changesOf(events: readonly NumberedEvent[]): readonly ViewChange[] {
  const last = new Map<string, ViewChange>();
  for (const numbered of events) {
    const change = changeOf(numbered);
    if (change !== null) last.set(change.kind === 'save' ? change.view.id : change.id, change);
  }
  return [...last.values()];
}
