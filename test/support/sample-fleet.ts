import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { TenantViewModel } from '@tenantctl/core/application/view-models/tenant-view-model';
import type { Failure } from '@tenantctl/core/domain/failure';
import type { DaemonInfo, Progress, Snapshot } from '@tenantctl/core/wire/stream';

/** The moment at which samples are looked at. */
export const sampleNow = new Date('2026-11-21T14:02:16.000Z');

const ago = (ms: number): Date => new Date(sampleNow.getTime() - ms);

/** A UUID that is the same for the same number. */
export const sampleId = (kind: number, n: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const oldVersion = '20251104031500_add_accounts';
export const newVersion = '20251118010000_add_plan_id';

export const nullFailure: Failure = {
  code: 'MIGRATION_FAILED',
  sqlstate: '23502',
  message: 'column "plan_id" of relation "accounts" contains null values',
  migration: newVersion,
  statementNumber: 2,
  statement: 'ALTER TABLE "accounts"\n  ALTER COLUMN "plan_id" SET NOT NULL',
};

export const lockFailure: Failure = {
  code: 'LOCK_TIMEOUT',
  sqlstate: '55P03',
  message: 'canceling statement due to lock timeout',
  migration: newVersion,
  statementNumber: 1,
  statement: 'CREATE INDEX ON "orders" ("placed_at")',
};

/** A database of tenant number `n`, ACTIVE and up to date unless told otherwise. */
export function sampleDatabase(
  n: number,
  changes: Partial<TenantDatabaseViewModel> = {},
): TenantDatabaseViewModel {
  const failure = changes.failure ?? null;
  return {
    id: sampleId(2, n),
    tenantId: sampleId(1, n),
    tenantSlug: `tenant-${String(n).padStart(5, '0')}`,
    server: n % 3 === 0 ? 'eu2' : 'eu1',
    databaseName: `tenant_${sampleId(1, n)}`,
    readDatabaseName: `tenant_${sampleId(1, n)}_read`,
    status: 'ACTIVE',
    schemaVersion: newVersion,
    lastMigrationAt: ago((n + 1) * 60_000),
    errorCode: failure === null ? null : (failure.sqlstate ?? failure.code),
    errorMessage: failure?.message ?? null,
    failure: null,
    failedOperation: failure === null ? null : 'migrate',
    work: null,
    revision: 7,
    createdAt: ago(90 * 86_400_000),
    updatedAt: ago((n + 1) * 60_000),
    ...changes,
  };
}

export const sampleTenant = (n: number): TenantViewModel => ({
  id: sampleId(1, n),
  slug: `tenant-${String(n).padStart(5, '0')}`,
  name: `Tenant ${n}`,
  tags: { tier: n % 2 === 0 ? 'gold' : 'free' },
  databaseId: null,
  createdAt: ago(3_600_000),
});

export const sampleDaemon: DaemonInfo = {
  name: 'prod-eu',
  protected: false,
  version: '0.1.0',
  role: 'operator',
  principal: 'jane',
};

type Fleet = {
  readonly databases: readonly TenantDatabaseViewModel[];
  readonly tenants?: readonly TenantViewModel[];
  readonly daemon?: Partial<DaemonInfo>;
  readonly run?: MigrationRunViewModel | null;
  readonly seq?: number;
};

export const sampleSnapshot = ({ databases, tenants, daemon, run, seq }: Fleet): Snapshot => ({
  type: 'snapshot',
  epoch: sampleId(9, 1),
  seq: seq ?? 100,
  daemon: { ...sampleDaemon, ...daemon },
  databases: [...databases],
  tenants: [...(tenants ?? [])],
  servers: [{ name: 'eu1', lanes: 8, maxConnections: 50, paused: false }],
  run: run ?? null,
  more: false,
});

export function sampleRun(changes: Partial<MigrationRunViewModel> = {}): MigrationRunViewModel {
  return {
    id: sampleId(5, 318),
    number: 318,
    state: 'running',
    targetVersion: newVersion,
    migrationCount: 3,
    startedBy: 'jane',
    reason: null,
    startedAt: ago(167_000),
    endedAt: null,
    counts: { pending: 3308, running: 64, done: 6805, unchanged: 0, failed: 37, skipped: 0 },
    causes: [
      { cause: 'a', count: 36, sample: nullFailure, sampleTenantSlug: 'globex-00817' },
      { cause: 'b', count: 1, sample: lockFailure, sampleTenantSlug: 'initech-01190' },
    ],
    ...changes,
  };
}

const failed = (n: number, slug: string, failure: Failure): TenantDatabaseViewModel =>
  sampleDatabase(n, {
    tenantSlug: slug,
    status: 'FAILED',
    schemaVersion: oldVersion,
    failure,
    updatedAt: ago(125_000),
  });

const migrating = (n: number, slug: string, seconds: number): TenantDatabaseViewModel =>
  sampleDatabase(n, {
    tenantSlug: slug,
    status: 'MIGRATING',
    schemaVersion: oldVersion,
    updatedAt: ago(seconds * 1000),
    work: {
      kind: 'item',
      id: sampleId(6, n),
      operation: 'migrate',
      attempt: 1,
      since: ago(seconds * 1000),
    },
  });

/** A fleet of `size` tenants in the middle of a run: a few failed, a few on their way, most well. */
export function sampleFleet(size: number, daemon: Partial<DaemonInfo> = {}): Snapshot {
  const databases = [
    failed(1, 'acme-00042', nullFailure),
    failed(2, 'globex-00817', nullFailure),
    failed(3, 'initech-01190', lockFailure),
    migrating(4, 'hooli-03310', 9),
    migrating(5, 'umbrella-02201', 12),
    sampleDatabase(6, {
      tenantSlug: 'stark-10007',
      status: 'PROVISIONING',
      schemaVersion: null,
      lastMigrationAt: null,
      updatedAt: ago(4000),
      work: {
        kind: 'operation',
        id: sampleId(6, 6),
        operation: 'provision',
        attempt: 0,
        since: ago(4000),
      },
    }),
    sampleDatabase(7, {
      tenantSlug: 'wayne-00311',
      status: 'SUSPENDED',
      schemaVersion: oldVersion,
      updatedAt: ago(9 * 86_400_000),
    }),
    ...Array.from({ length: Math.max(0, size - 9) }, (_, place) => sampleDatabase(place + 10)),
  ];
  const tenants = [
    { ...sampleTenant(8), slug: 'oscorp-20001' },
    { ...sampleTenant(9), slug: 'zorg-20002' },
  ];
  return sampleSnapshot({ databases, tenants, daemon, run: sampleRun() });
}

export const sampleProgress = (): Progress => ({
  type: 'progress',
  run: sampleRun(),
  ratePerSecond: 41.3,
  etaSeconds: [70, 100],
  inFlight: [
    {
      tenantDatabaseId: sampleId(2, 5),
      tenantSlug: 'umbrella-02201',
      migration: newVersion,
      index: 2,
      total: 3,
      attempt: 1,
      since: ago(12_000),
    },
    {
      tenantDatabaseId: sampleId(2, 4),
      tenantSlug: 'hooli-03310',
      attempt: 1,
      waiting: 'lock of orders, attempt 2 in 3s',
      since: ago(9000),
    },
  ],
});
