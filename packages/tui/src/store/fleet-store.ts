import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { ServerViewModel } from '@tenantctl/core/application/view-models/server-view-model';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { TenantViewModel } from '@tenantctl/core/application/view-models/tenant-view-model';
import type { FleetConnection, FleetMessage } from '@tenantctl/core/client/fleet-stream';
import type {
  ChangeMessage,
  DaemonInfo,
  Progress,
  Snapshot,
  Step,
} from '@tenantctl/core/wire/stream';
import { type FleetRow, type Lane, rowOfDatabase, rowOfTenant } from './fleet-row.ts';
import { RecentChanges } from './recent-changes.ts';
import { Tally } from './tally.ts';

/** What the last progress message told beyond the run itself. */
export type Pace = Pick<Progress, 'ratePerSecond' | 'etaSeconds'>;

/** A change of one tenant's database, as it arrived. */
export type DatabaseChange = { readonly row: FleetRow; readonly change: string };

/**
 * The fleet as the daemon tells it: everything the stream brought, by tenant id. Knows nothing of keys and
 * screens. `version` grows with each message; listeners are told after it was applied.
 */
export class FleetStore {
  readonly #rows = new Map<string, FleetRow>();
  readonly #listeners = new Set<() => void>();
  readonly #changeListeners = new Set<(change: DatabaseChange) => void>();
  #steps: ReadonlyMap<string, Step> = new Map();
  #seq = 0;

  readonly laneCounts = new Tally<Lane>();
  readonly causes = new Tally<string>();
  readonly versions = new Tally<string>();
  readonly changes = new RecentChanges();

  version = 0;
  /** Grows whenever rows may have left the fleet. */
  removals = 0;
  /** Whether a snapshot has come: before it the fleet is not empty but unknown. */
  known = false;
  daemon: DaemonInfo | null = null;
  servers: readonly ServerViewModel[] = [];
  run: MigrationRunViewModel | null = null;
  pace: Pace | null = null;
  connection: FleetConnection = { state: 'connecting', since: new Date(0) };
  /** Why the daemon itself cannot be current, while its master database does not answer. */
  degraded: string | null = null;
  lastMessageAtMs = 0;
  /** From the daemon's clock to this terminal; null where the two clocks do not agree. */
  delayMs: number | null = null;

  rows(): Iterable<FleetRow> {
    return this.#rows.values();
  }

  row(id: string): FleetRow | undefined {
    return this.#rows.get(id);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Where the work on this row is right now. Progress comes by a clock: it may be older than the row. */
  stepOf({ database }: FleetRow): Step | undefined {
    return database === null || database.work === null ? undefined : this.#steps.get(database.id);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For whoever waits for the outcome of a command. */
  onChange(listener: (change: DatabaseChange) => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  connected(connection: FleetConnection): void {
    this.connection = connection;
    this.#changed();
  }

  apply(message: FleetMessage, nowMs: number): void {
    this.lastMessageAtMs = nowMs;
    switch (message.type) {
      case 'snapshot':
        this.#replace(message);
        break;
      case 'change':
        this.#change(message, nowMs);
        break;
      case 'progress':
        this.#progress(message);
        break;
      case 'bookmark':
        this.#delay(message.at, nowMs);
        this.degraded = message.degraded ?? null;
        break;
      case 'resync':
        // The old rows stay on the screen until the snapshot that follows replaces them at once.
        this.#seq = 0;
        break;
    }
    this.#changed();
  }

  #replace(snapshot: Snapshot): void {
    this.known = true;
    this.removals += 1;
    this.#seq = snapshot.seq;
    this.daemon = snapshot.daemon;
    this.servers = snapshot.servers;
    this.run = snapshot.run;
    this.pace = null;
    this.#steps = new Map();
    const before = new Map(this.#rows);
    this.#rows.clear();
    this.laneCounts.clear();
    this.causes.clear();
    this.versions.clear();
    const same = (row: FleetRow): FleetRow => {
      const old = before.get(row.id);
      const unchanged =
        old?.database?.revision === row.database?.revision && old?.lane === row.lane;
      return unchanged && old !== undefined ? old : row;
    };
    for (const tenant of snapshot.tenants) this.#put(same(rowOfTenant(tenant, 0)));
    for (const database of snapshot.databases) {
      const tags = before.get(database.tenantId)?.filterable.tags;
      this.#put(same(rowOfDatabase(database, 0, tags)));
    }
  }

  #change({ seq, at, change }: ChangeMessage, nowMs: number): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.#delay(at, nowMs);
    if (change.kind === 'run') {
      this.run = change.run;
      if (change.run.endedAt !== null) this.#runEnded();
    } else if (change.kind === 'tenant') {
      this.#tenant(change.tenant, nowMs);
    } else {
      const { database } = change;
      const what =
        change.reason === undefined ? change.change : `${change.change}: ${change.reason}`;
      this.changes.add({ at, tenantId: database.tenantId, what });
      this.#database(database, change.change, nowMs);
    }
  }

  #database(database: TenantDatabaseViewModel, change: string, nowMs: number): void {
    const before = this.#rows.get(database.tenantId);
    // A folded stream may bring an older state after a newer one; revisions only grow.
    if ((before?.database?.revision ?? 0) > database.revision) return;
    const row = rowOfDatabase(database, nowMs, before?.filterable.tags);
    if (change === 'deleted') this.#remove(row.id);
    else this.#put(row);
    for (const listener of this.#changeListeners) listener({ row, change });
  }

  #tenant(tenant: TenantViewModel, nowMs: number): void {
    if (tenant.databaseId === null) this.#put(rowOfTenant(tenant, nowMs));
  }

  #progress(message: Progress): void {
    this.run = message.run;
    this.pace = { ratePerSecond: message.ratePerSecond, etaSeconds: message.etaSeconds };
    this.#steps = new Map(message.inFlight.map((step) => [step.tenantDatabaseId, step]));
  }

  #runEnded(): void {
    this.pace = null;
    this.#steps = new Map();
  }

  #delay(at: Date, nowMs: number): void {
    const delayMs = nowMs - at.getTime();
    this.delayMs = delayMs >= -50 && delayMs < 10_000 ? Math.max(0, delayMs) : null;
  }

  #put(row: FleetRow): void {
    const before = this.#rows.get(row.id);
    if (before !== undefined) this.#count(before, -1);
    this.#count(row, 1);
    this.#rows.set(row.id, row);
  }

  #remove(id: string): void {
    const before = this.#rows.get(id);
    if (before === undefined) return;
    this.removals += 1;
    this.#count(before, -1);
    this.#rows.delete(id);
  }

  #count(row: FleetRow, by: 1 | -1): void {
    this.laneCounts.add(row.lane, by);
    if (row.cause !== null) this.causes.add(row.cause, by);
    const version = row.database?.schemaVersion;
    if (version !== null && version !== undefined) this.versions.add(version, by);
  }

  #changed(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}
