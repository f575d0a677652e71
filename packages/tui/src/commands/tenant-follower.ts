import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { FleetMessage } from '@tenantctl/core/client/fleet-stream';
import type { Change } from '@tenantctl/core/wire/stream';
import type { CommandContext } from './context.ts';
import { openPatientStream } from './patient-stream.ts';

type DatabaseChange = Extract<Change, { kind: 'tenant-database' }>['change'];

/** A record, and by which change it became so; unknown when a snapshot brought it. */
export type Seen = {
  readonly database: TenantDatabaseViewModel;
  readonly change?: DatabaseChange;
  readonly reason?: string | undefined;
};

type Waiter = {
  readonly tenantId: string;
  /** Is this what it waits for? */
  readonly holds: (seen: Seen) => boolean;
  readonly resolve: (seen: Seen) => void;
  readonly reject: (error: Error) => void;
};

/** More tenants than this are followed by following all of them. */
const NARROWED_AT_MOST = 500;

/** Sees the records of some tenants as they change. */
export class TenantFollower {
  readonly #seen = new Map<string, Seen>();
  #waiters: Waiter[] = [];
  #failure: Error | undefined;
  #stream: { close: () => void } | undefined;

  /** Resolves once the records are there as they are now. Rejects when the daemon refuses or is not there. */
  static open(context: CommandContext, tenantIds: readonly string[]): Promise<TenantFollower> {
    return new Promise((resolve, reject) => {
      const follower = new TenantFollower();
      follower.#stream = openPatientStream(context, {
        ...(tenantIds.length <= NARROWED_AT_MOST && { tenants: tenantIds }),
        farewell: 'Interrupted; the work goes on in the daemon.',
        onMessage: (message) => {
          follower.#receive(message);
          if (message.type === 'snapshot') resolve(follower);
        },
        onFailure: (error) => {
          follower.#fail(error);
          reject(error);
        },
      });
    });
  }

  /** The record as it was seen last; undefined while the tenant has no database. */
  record(tenantId: string): TenantDatabaseViewModel | undefined {
    return this.#seen.get(tenantId)?.database;
  }

  /** The first state after `revision`. */
  changed(tenantId: string, revision: number): Promise<Seen> {
    return this.#when(tenantId, ({ database }) => database.revision > revision);
  }

  /** How the work ended that was accepted at `revision`: the first later state in which there is none. */
  ended(tenantId: string, revision: number): Promise<Seen> {
    return this.#when(
      tenantId,
      ({ database }) => database.revision > revision && database.work === null,
    );
  }

  close(): void {
    this.#stream?.close();
  }

  #receive(message: FleetMessage): void {
    if (message.type === 'snapshot') {
      for (const database of message.databases) this.#see({ database });
    } else if (message.type === 'change' && message.change.kind === 'tenant-database') {
      const { database, change, reason } = message.change;
      this.#see({ database, change, reason });
    }
    this.#settle();
  }

  #see(seen: Seen): void {
    const { tenantId, revision } = seen.database;
    // After a reconnect a snapshot may repeat what a change has told better.
    if ((this.record(tenantId)?.revision ?? 0) < revision) this.#seen.set(tenantId, seen);
  }

  #when(tenantId: string, holds: (seen: Seen) => boolean): Promise<Seen> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiters.push({ tenantId, holds, resolve, reject });
      this.#settle();
    });
  }

  #settle(): void {
    this.#waiters = this.#waiters.filter(({ tenantId, holds, resolve }) => {
      const seen = this.#seen.get(tenantId);
      if (seen === undefined || !holds(seen)) return true;
      resolve(seen);
      return false;
    });
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.close();
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters = [];
  }
}
