import { viewOf } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { FleetEvent, NumberedEvent } from '@tenantctl/core/ports/event-log';
import type { Change, ChangeMessage } from '@tenantctl/core/wire/stream';

/** One event as every client gets it: written out once, however many clients there are. */
export type FeedMessage = {
  readonly seq: number;
  /** What it is about. A later message of the same key says all that an earlier one said. */
  readonly key: string;
  /** The tenant it is about; null for what every client gets. */
  readonly tenantId: string | null;
  /** A `change` of wire/stream.ts, as JSON. */
  readonly text: string;
};

export function messageOf({ seq, event }: NumberedEvent): FeedMessage {
  const change = changeOf(event);
  const message: ChangeMessage = { type: 'change', seq, at: event.at, change };
  return { seq, ...addressOf(change), text: JSON.stringify(message) };
}

function changeOf(event: FleetEvent): Change {
  switch (event.type) {
    case 'TenantDatabaseCreatedEvent':
      return { kind: 'tenant-database', change: 'created', database: viewOf(event.database) };
    case 'TenantDatabaseDeletedEvent':
      return { kind: 'tenant-database', change: 'deleted', database: viewOf(event.database) };
    case 'TenantDatabaseUpdatedEvent': {
      const { change, reason, database } = event;
      const because = reason === undefined ? {} : { reason };
      return { kind: 'tenant-database', change, ...because, database: viewOf(database) };
    }
    case 'TenantCreatedEvent':
      return { kind: 'tenant', tenant: { ...event.tenant, databaseId: null } };
    case 'MigrationRunStartedEvent':
    case 'MigrationRunEndedEvent':
    case 'MigrationRunUpdatedEvent':
      return { kind: 'run', run: event.run };
  }
}

function addressOf(change: Change): Pick<FeedMessage, 'key' | 'tenantId'> {
  switch (change.kind) {
    case 'tenant-database':
      return { key: `database:${change.database.id}`, tenantId: change.database.tenantId };
    case 'tenant':
      return { key: `tenant:${change.tenant.id}`, tenantId: change.tenant.id };
    case 'run':
      return { key: `run:${change.run.id}`, tenantId: null };
  }
}
