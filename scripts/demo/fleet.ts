import { DaemonClient } from '@tenantctl/core/client/daemon-client';
import { openFleetStream } from '@tenantctl/core/client/fleet-stream';
import type { TenantDatabaseViewModel } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { Step } from '@tenantctl/core/wire/stream';
import { createTenantDatabase } from '@tenantctl/core/wire/tenant-database-operations';
import { createTenant } from '@tenantctl/core/wire/tenant-operations';
import type { Stage } from './stage.ts';

/** The fleet as the daemon's stream tells it, to look at and to wait on. */
export class Fleet implements AsyncDisposable {
  readonly client: DaemonClient;
  readonly #databases = new Map<string, TenantDatabaseViewModel>();
  readonly #listeners = new Set<() => void>();
  readonly #stream: { close(): void };
  #run: MigrationRunViewModel | null = null;
  #inFlight: readonly Step[] = [];

  constructor({ address }: Pick<Stage, 'address'>) {
    this.client = new DaemonClient({ address });
    this.#stream = openFleetStream({
      address,
      onMessage: (message) => {
        if (message.type === 'snapshot') {
          for (const database of message.databases) this.#note(database);
          this.#run = message.run;
        }
        if (message.type === 'progress') {
          this.#run = message.run;
          this.#inFlight = message.inFlight;
        }
        if (message.type === 'change') {
          if (message.change.kind === 'tenant-database') this.#note(message.change.database);
          if (message.change.kind === 'run') this.#run = message.change.run;
        }
        for (const listener of this.#listeners) listener();
      },
    });
  }

  get run(): MigrationRunViewModel | null {
    return this.#run;
  }

  /** What the run works on right now. */
  get inFlight(): readonly Step[] {
    return this.#inFlight;
  }

  /** By slug. */
  get databases(): readonly TenantDatabaseViewModel[] {
    return [...this.#databases.values()].toSorted((a, b) =>
      a.tenantSlug.localeCompare(b.tenantSlug),
    );
  }

  find(slug: string): TenantDatabaseViewModel {
    const found = this.databases.find(({ tenantSlug }) => tenantSlug === slug);
    if (found === undefined) throw new Error(`no database of "${slug}" yet`);
    return found;
  }

  count(status: TenantDatabaseViewModel['status']): number {
    return this.databases.filter((database) => database.status === status).length;
  }

  /** Calls `listener` after each change; answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves as soon as `condition` holds; `onChange` is called on the way. */
  async until(condition: () => boolean, onChange: () => void = () => undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      onChange();
      if (condition()) resolve();
    };
    const stop = this.onChange(look);
    look();
    await promise;
    stop();
  }

  /** A tenant in the master database, and the request for its database. */
  async provision(slug: string): Promise<void> {
    await this.client.request(createTenant, { input: { slug } });
    await this.client.request(createTenantDatabase, { input: { tenantId: slug } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.close();
    this.client.close();
  }

  #note(database: TenantDatabaseViewModel): void {
    const known = this.#databases.get(database.id);
    if (known === undefined || known.revision <= database.revision) {
      this.#databases.set(database.id, database);
    }
  }
}
