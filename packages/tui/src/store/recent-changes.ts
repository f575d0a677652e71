/** Something that happened to a tenant while this terminal was watching. */
export type RecentChange = {
  readonly at: Date;
  readonly tenantId: string;
  readonly what: string;
};

/** The newest changes of the whole fleet, at most `capacity`; the oldest go first. */
export class RecentChanges {
  readonly #capacity: number;
  readonly #ring: RecentChange[] = [];
  #next = 0;

  constructor(capacity = 5000) {
    this.#capacity = capacity;
  }

  add(change: RecentChange): void {
    this.#ring[this.#next] = change;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Those of one tenant, newest first, at most `limit`. */
  of(tenantId: string, limit: number): RecentChange[] {
    const found: RecentChange[] = [];
    for (let back = 1; back <= this.#ring.length && found.length < limit; back += 1) {
      const place = (this.#next - back + this.#ring.length) % this.#ring.length;
      const change = this.#ring[place];
      if (change?.tenantId === tenantId) found.push(change);
    }
    return found;
  }
}
