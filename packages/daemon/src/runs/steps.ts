import type { Step } from '@tenantctl/core/wire/stream';

/** Where this daemon's items are right now, by tenant database; what the progress message is made from. */
export class Steps {
  readonly #steps = new Map<string, Step>();

  set(step: Step): void {
    this.#steps.set(step.tenantDatabaseId, step);
  }

  update(tenantDatabaseId: string, more: Pick<Step, 'migration' | 'index' | 'total'>): void {
    const step = this.#steps.get(tenantDatabaseId);
    if (step !== undefined) this.#steps.set(tenantDatabaseId, { ...step, ...more });
  }

  end(tenantDatabaseId: string): void {
    this.#steps.delete(tenantDatabaseId);
  }

  of(tenantDatabaseId: string): Step | undefined {
    return this.#steps.get(tenantDatabaseId);
  }
}
