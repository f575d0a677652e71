import type { FeedMessage } from './feed-message.ts';

/** What a slow reader has not got yet: the newest message of each key, and no other. */
export class FoldedChanges {
  readonly #latest = new Map<string, FeedMessage>();

  get size(): number {
    return this.#latest.size;
  }

  /** Takes messages in rising order, so that the map's own order is the order of their numbers. */
  put(message: FeedMessage): void {
    this.#latest.delete(message.key);
    this.#latest.set(message.key, message);
  }

  /** Hands over the oldest one that is left. */
  take(): FeedMessage | undefined {
    for (const [key, message] of this.#latest) {
      this.#latest.delete(key);
      return message;
    }
    return undefined;
  }

  clear(): void {
    this.#latest.clear();
  }
}
