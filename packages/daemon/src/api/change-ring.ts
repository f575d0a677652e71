import type { FeedMessage } from './feed-message.ts';

/** The newest messages, at least `capacity` of them once there were as many. */
export class ChangeRing {
  readonly #capacity: number;
  readonly #messages: FeedMessage[] = [];
  #base: number;
  #last: number;

  /** An empty ring: everything up to `base` is not in it. */
  constructor({ base, capacity }: { readonly base: number; readonly capacity: number }) {
    this.#capacity = capacity;
    this.#base = base;
    this.#last = base;
  }

  /** The newest number it knows of. */
  get last(): number {
    return this.#last;
  }

  /** Numbers must come in rising order. */
  push(message: FeedMessage): void {
    this.#messages.push(message);
    this.#last = message.seq;
    // Dropped by the quarter: moving the whole array for each message would cost more than the memory.
    if (this.#messages.length < this.#capacity * 1.25) return;
    const dropped = this.#messages.splice(0, this.#messages.length - this.#capacity);
    this.#base = dropped.at(-1)?.seq ?? this.#base;
  }

  /** At most `limit` messages after `seq`, oldest first; null when older ones than it holds are asked for. */
  since(seq: number, limit: number): readonly FeedMessage[] | null {
    if (seq < this.#base) return null;
    const start = this.#firstAfter(seq);
    return this.#messages.slice(start, start + limit);
  }

  #firstAfter(seq: number): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#messages[middle]?.seq ?? Infinity) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
