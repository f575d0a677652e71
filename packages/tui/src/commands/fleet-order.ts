import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { Problem } from '@tenantctl/core/domain/errors';
import { lanes, lastAt, rowOfDatabase } from '../store/fleet-row.ts';

type Order = (a: TenantDatabaseViewModel, b: TenantDatabaseViewModel) => number;
type Key = (database: TenantDatabaseViewModel) => string | number;

const keys: Readonly<Record<string, Key>> = {
  status: ({ status }) => lanes.indexOf(status),
  tenant: ({ tenantSlug }) => tenantSlug,
  tenantSlug: ({ tenantSlug }) => tenantSlug,
  tenantId: ({ tenantId }) => tenantId,
  database: ({ databaseName }) => databaseName,
  databaseName: ({ databaseName }) => databaseName,
  server: ({ server }) => server,
  schema: ({ schemaVersion }) => schemaVersion ?? '',
  schemaVersion: ({ schemaVersion }) => schemaVersion ?? '',
  last: (database) => lastAt(rowOfDatabase(database, 0)).getTime(),
  lastMigrationAt: ({ lastMigrationAt }) => lastMigrationAt?.getTime() ?? 0,
  error: ({ errorCode, errorMessage }) => `${errorCode ?? ''} ${errorMessage ?? ''}`,
  errorCode: ({ errorCode }) => errorCode ?? '',
  createdAt: ({ createdAt }) => createdAt.getTime(),
  updatedAt: ({ updatedAt }) => updatedAt.getTime(),
};

/** The order that `--sort` asks for; by status, most urgent first, when it asks for none. Then by slug. */
export function fleetOrder(sort = 'status'): Order {
  const name = sort.replace(/^-/, '');
  const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
  if (key === undefined) {
    throw new Problem('INVALID_INPUT', name, {
      more: 'is nothing to sort by',
      help: `Sort by one of ${Object.keys(keys).join(', ')}; with - in front, descending.`,
    });
  }
  const sign = sort.startsWith('-') ? -1 : 1;
  return (a, b) => sign * compared(key(a), key(b)) || compared(a.tenantSlug, b.tenantSlug);
}

function compared(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}
