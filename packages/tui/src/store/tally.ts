/** How often each key occurs; a key that occurs no more is forgotten. */
export class Tally<Key> {
  readonly #counts = new Map<Key, number>();

  add(key: Key, by: 1 | -1): void {
    const count = (this.#counts.get(key) ?? 0) + by;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  get size(): number {
    return this.#counts.size;
  }

  entries(): [Key, number][] {
    return [...this.#counts];
  }

  clear(): void {
    this.#counts.clear();
  }
}
