import { randomUUID } from 'node:crypto';
import {
  viewOf,
  type TenantDatabaseViewModel,
} from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { TenantDatabasePrimitives } from '@tenantctl/core/domain/tenant-database-primitives';
import type { EventLog, FleetEvent, NumberedEvent } from '@tenantctl/core/ports/event-log';
import type { FleetAt, FleetSnapshot } from '@tenantctl/core/ports/fleet-snapshot';

/** A fleet in memory with its numbered events: small, but true to what the two ports promise. */
export class MemoryFleet implements EventLog, FleetSnapshot {
  readonly #databases = new Map<string, TenantDatabasePrimitives>();
  readonly #wakes = new Set<() => void>();
  #events: NumberedEvent[] = [];
  #seq = 0;
  #oldest = 0;
  #epoch = randomUUID();
  #away: Error | undefined;
  /** Awaited by `take` after it has looked: what happens meanwhile is not in that snapshot. */
  beforeSnapshotAnswers: () => Promise<void> = async () => undefined;
  snapshotsTaken = 0;

  /** A new ACTIVE database and its event. */
  add(slug: string): TenantDatabasePrimitives {
    const now = new Date();
    const tenantId = randomUUID();
    const database = TenantDatabasePrimitives.parse({
      id: randomUUID(),
      tenantId,
      tenantSlug: slug,
      server: 'default',
      databaseName: `tenant_${tenantId}`,
      readDatabaseName: `tenant_${tenantId}_read`,
      status: 'ACTIVE',
      statusBeforeSuspension: null,
      schemaVersion: '20250101000000_init',
      lastMigrationAt: now,
      failedOperation: null,
      failure: null,
      work: null,
      revision: 1,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    });
    this.#databases.set(database.id, database);
    this.append({ type: 'TenantDatabaseCreatedEvent', at: now, database });
    return database;
  }

  /** The next revision of a database and its event; `edits` are as they would be stored. */
  edit(id: string, edits: Partial<TenantDatabasePrimitives> = {}): TenantDatabasePrimitives {
    const before = this.#databases.get(id);
    if (before === undefined) throw new Error(`no database ${id}`);
    const database = { ...before, ...edits, revision: before.revision + 1, updatedAt: new Date() };
    this.#databases.set(id, database);
    const at = database.updatedAt;
    this.append({ type: 'TenantDatabaseUpdatedEvent', change: 'edited', at, database });
    return database;
  }

  append(event: FleetEvent): void {
    this.#seq += 1;
    this.#events.push({ seq: this.#seq, event });
    for (const wake of this.#wakes) wake();
  }

  /** A number that was taken by a transaction that was rolled back. */
  skipNumber(): void {
    this.#seq += 1;
  }

  /** Forgets events, as retention does. */
  dropUpTo(seq: number): void {
    this.#events = this.#events.filter((event) => event.seq > seq);
    this.#oldest = seq + 1;
  }

  /** Another history, as after a restore. */
  restore(): void {
    this.#epoch = randomUUID();
    this.#events = [];
    this.#seq = 1_000;
    this.#oldest = 1_001;
  }

  goAway(error = new Error('connect ECONNREFUSED')): void {
    this.#away = error;
  }

  comeBack(): void {
    this.#away = undefined;
  }

  get views(): readonly TenantDatabaseViewModel[] {
    return [...this.#databases.values()].map(viewOf);
  }

  async epoch(): Promise<string> {
    this.#answer();
    return this.#epoch;
  }

  async head(): Promise<number> {
    this.#answer();
    return this.#seq;
  }

  async oldest(): Promise<number> {
    this.#answer();
    return this.#oldest;
  }

  async after(seq: number, limit: number): Promise<readonly NumberedEvent[]> {
    this.#answer();
    const start = this.#events.findIndex((event) => event.seq > seq);
    return start === -1 ? [] : this.#events.slice(start, start + limit);
  }

  onHint(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => void this.#wakes.delete(wake);
  }

  async take(only?: readonly string[]): Promise<FleetAt> {
    this.#answer();
    this.snapshotsTaken += 1;
    const databases = this.views.filter(({ tenantId }) => only?.includes(tenantId) ?? true);
    const servers = [{ name: 'default', lanes: 8, maxConnections: 50, paused: false }];
    const fleet = { seq: this.#seq, databases, tenants: [], servers, run: null };
    await this.beforeSnapshotAnswers();
    return fleet;
  }

  #answer(): void {
    if (this.#away !== undefined) throw this.#away;
  }
}
