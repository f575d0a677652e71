import { FOLD_AT_LAG, type EventFeed } from './event-feed.ts';
import type { FeedMessage } from './feed-message.ts';
import { FoldedChanges } from './folded-changes.ts';
import type { PacedSocket } from './paced-socket.ts';

type Needs = {
  readonly feed: EventFeed;
  readonly wire: PacedSocket;
  readonly maxFolded: number;
  /** Only changes of these tenants (ids), and of what belongs to none. */
  readonly tenants?: readonly string[] | undefined;
  readonly send: (message: FeedMessage) => void;
  /** The client cannot be given every change any more: it has to start over. */
  readonly onBehind: (reason: string) => void;
};

/**
 * The changes that one client still has to get. They wait in the feed, which keeps them for everybody; for
 * a reader that is slow, or nearly out of the feed's reach, they are folded to the newest of each database.
 */
export class OutgoingChanges {
  readonly #needs: Needs;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #folded = new FoldedChanges();
  #taken = 0;
  #handed: number;

  constructor(needs: Needs, { from }: { readonly from: number }) {
    this.#needs = needs;
    this.#only = needs.tenants === undefined ? undefined : new Set(needs.tenants);
    this.#handed = from;
  }

  /** The client has everything up to here. */
  get handed(): number {
    return this.#handed;
  }

  /** Goes on after `seq`, with nothing folded. */
  startAfter(seq: number): void {
    this.#folded.clear();
    this.#taken = seq;
    this.#handed = seq;
  }

  /** Sends what waits, as much as the socket takes. True when nothing is left. */
  handOver(): boolean {
    const { feed, wire, onBehind } = this.#needs;
    if (!this.#handOverFolded()) return false;
    for (;;) {
      const waiting = feed.since(this.#taken);
      if (waiting === null) onBehind('too many changes were missed');
      if (waiting === null || waiting.length === 0) return waiting !== null;
      for (const message of waiting) {
        if (wire.full) return false;
        this.give(message);
      }
    }
  }

  /** Sends the change after the last one. */
  give(message: FeedMessage): void {
    if (this.#concerns(message)) this.#needs.send(message);
    this.#taken = message.seq;
    this.#handed = message.seq;
  }

  /** Folds what waits, if the reader is slow or the feed is about to drop it. */
  foldIfSlow(wasSlow: boolean): void {
    const { feed, wire } = this.#needs;
    const nearlyLost = wire.full && feed.seq - this.#taken > FOLD_AT_LAG;
    if (wasSlow || nearlyLost) this.#fold();
  }

  #fold(): void {
    const { feed, maxFolded, onBehind } = this.#needs;
    for (;;) {
      const waiting = feed.since(this.#taken);
      if (waiting === null) return onBehind('too many changes were missed');
      if (waiting.length === 0) return;
      for (const message of waiting) {
        if (this.#concerns(message)) this.#folded.put(message);
        this.#taken = message.seq;
      }
      if (this.#folded.size <= maxFolded) continue;
      this.#folded.clear();
      return onBehind(`more than ${maxFolded} records changed and were not read`);
    }
  }

  #handOverFolded(): boolean {
    while (this.#folded.size > 0) {
      if (this.#needs.wire.full) return false;
      const message = this.#folded.take();
      if (message === undefined) break;
      this.#needs.send(message);
      // In the order of their numbers: whoever resumes here has missed none that is older.
      this.#handed = message.seq;
    }
    this.#handed = this.#taken;
    return true;
  }

  #concerns({ tenantId }: FeedMessage): boolean {
    return this.#only === undefined || tenantId === null || this.#only.has(tenantId);
  }
}
