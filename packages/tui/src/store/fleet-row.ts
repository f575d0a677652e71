import type { TenantDatabaseStatusEnum } from '@tenantctl/core/domain/tenant-database-status';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { TenantViewModel } from '@tenantctl/core/application/view-models/tenant-view-model';
import type { FilterableRow } from '@tenantctl/core/domain/fleet-filter';
import type { Step } from '@tenantctl/core/wire/stream';
import { causeOf } from '@tenantctl/core/domain/failure';
import { migrationTitle } from './version-labels.ts';

/** What a row is in: the status of its database, or that the tenant has none. */
export type Lane = TenantDatabaseStatusEnum | 'NO_DATABASE';

/** In the order in which they need attention; the keys `1` to `6` stand for them. */
export const lanes: readonly Lane[] = [
  'FAILED',
  'MIGRATING',
  'PROVISIONING',
  'SUSPENDED',
  'ACTIVE',
  'NO_DATABASE',
];

/**
 * One tenant of the fleet. Rows are never changed, only replaced. `id` is the tenant's, so that a row stays
 * itself when its tenant is given a database.
 */
export type FleetRow = {
  readonly id: string;
  readonly slug: string;
  readonly lane: Lane;
  readonly database: TenantDatabaseViewModel | null;
  /** What a filter looks at. */
  readonly filterable: FilterableRow;
  readonly createdAt: Date;
  /** The key by which failures are grouped; null unless FAILED. */
  readonly cause: string | null;
  /** When this terminal saw it change; 0 for what a snapshot brought. */
  readonly changedAtMs: number;
};

type Tags = Readonly<Record<string, string>>;

/** `tags` are the tenant's, where they are known. */
export function rowOfDatabase(
  database: TenantDatabaseViewModel,
  changedAtMs: number,
  tags?: Tags,
): FleetRow {
  const { status, failure } = database;
  return {
    id: database.tenantId,
    slug: database.tenantSlug,
    lane: status,
    database,
    filterable: tags === undefined ? database : { ...database, tags },
    createdAt: database.createdAt,
    cause: status === 'FAILED' && failure !== null ? causeOf(failure) : null,
    changedAtMs,
  };
}

export function rowOfTenant(tenant: TenantViewModel, changedAtMs: number): FleetRow {
  return {
    id: tenant.id,
    slug: tenant.slug,
    lane: 'NO_DATABASE',
    database: null,
    filterable: {
      tenantId: tenant.id,
      tenantSlug: tenant.slug,
      databaseName: '',
      server: '',
      status: 'NO_DATABASE',
      schemaVersion: null,
      errorCode: null,
      errorMessage: null,
      updatedAt: tenant.createdAt,
      tags: tenant.tags,
    },
    createdAt: tenant.createdAt,
    cause: null,
    changedAtMs,
  };
}

/** The time the column LAST tells: since when it is worked on, else when it was last migrated or changed. */
export function lastAt(row: FleetRow): Date {
  const { database } = row;
  if (database === null) return row.createdAt;
  if (database.work !== null) return database.work.since;
  if (row.lane === 'ACTIVE') return database.lastMigrationAt ?? database.updatedAt;
  return database.updatedAt;
}

/** What is being done to a row right now, or waits to be done; empty when nothing. */
export function workText(row: FleetRow, step: Step | undefined): string {
  if (step !== undefined) {
    const { waiting, migration, index, total } = step;
    if (waiting !== undefined) return `waits: ${waiting}`;
    if (migration === undefined) return 'connecting';
    const title = migrationTitle(migration);
    return index === undefined ? title : `${index}/${total ?? '?'} ${title}`;
  }
  const work = row.database?.work;
  if (work === null || work === undefined) return '';
  if (work.attempt === 0) return `queued ${work.operation}`;
  return work.attempt === 1 ? work.operation : `${work.operation}, attempt ${work.attempt}`;
}
