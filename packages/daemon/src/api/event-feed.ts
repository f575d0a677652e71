import { Problem } from '@tenantctl/core/domain/errors';
import type { EventLog } from '@tenantctl/core/ports/event-log';
import { backoffMs, pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import type { Service } from '../service.ts';
import { Wakeup } from '../wakeup.ts';
import { ChangeRing } from './change-ring.ts';
import { messageOf, type FeedMessage } from './feed-message.ts';

const BATCH = 500;
const POLL_MS = 250;
/** After a read the next one waits so long: a read for each commit would cost more than the commits. */
const GATHER_MS = 25;
const HISTORY_CHECK_MS = 5_000;
const retry = { firstMs: 250, maxMs: 2_000 };

/** How many messages are kept for clients that resume; who missed more gets a snapshot. */
export const REPLAY_LIMIT = 5_000;
/** A reader this far behind has to take over what it has not sent, before the feed drops it. */
export const FOLD_AT_LAG = REPLAY_LIMIT + BATCH;
const KEPT = FOLD_AT_LAG + BATCH;

type Needs = {
  readonly eventLog: EventLog;
  readonly log: Log;
  /** How long a lost hint may delay an event. */
  readonly pollMs?: number | undefined;
};

/**
 * The one reader of the outbox in a daemon. It turns each event into its message once and tells its
 * listeners; each client takes what it wants at its own pace with `since`. While the master does not
 * answer it is `degraded` and tries again; it never gives up and never skips a number.
 */
export class EventFeed implements Service {
  readonly name = 'event-feed';
  readonly #needs: Needs;
  readonly #wakeup = new Wakeup();
  readonly #listeners = new Set<() => void>();
  #ring = new ChangeRing({ base: 0, capacity: KEPT });
  #epoch: string | undefined;
  #degraded: string | undefined;
  #failures = 0;
  #historyCheckedAt = -Infinity;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Undefined until the master has answered once. Another one means: numbers start anew, forget the old. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The newest number that was read. */
  get seq(): number {
    return this.#ring.last;
  }

  /** Why nothing can be read at the moment. */
  get degraded(): string | undefined {
    return this.#degraded;
  }

  /** Messages after `seq`, oldest first, at most `limit`; null when they are no longer kept here. */
  since(seq: number, limit: number = BATCH): readonly FeedMessage[] | null {
    return this.#ring.since(seq, limit);
  }

  /** Calls `listener` after each change of anything above. Returns how to stop. */
  onMove(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { eventLog, pollMs = POLL_MS } = this.#needs;
    const stopHints = eventLog.onHint(() => this.#wakeup.wake());
    try {
      while (!signal.aborted) {
        const more = await this.#readOrDegrade();
        if (more || signal.aborted) continue;
        await pause(GATHER_MS, signal);
        await this.#pause(pollMs, signal);
      }
    } finally {
      stopHints();
    }
  }

  #pause(pollMs: number, signal: AbortSignal): Promise<void> {
    if (this.#failures === 0) return this.#wakeup.wait(pollMs, signal);
    // A master that is away is not asked more often because someone hints.
    return pause(backoffMs(this.#failures, retry), signal);
  }

  async #readOrDegrade(): Promise<boolean> {
    try {
      const more = await this.#read();
      this.#recovered();
      return more;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** Reads one batch; true when there may be another one. */
  async #read(): Promise<boolean> {
    if (performance.now() >= this.#historyCheckedAt + HISTORY_CHECK_MS || this.#failures > 0) {
      await this.#checkHistory();
    }
    const events = await this.#needs.eventLog.after(this.#ring.last, BATCH);
    for (const event of events) this.#ring.push(messageOf(event));
    if (events.length > 0) this.#moved();
    return events.length === BATCH;
  }

  /** A restored master, or events dropped before they were read: start anew from the newest number. */
  async #checkHistory(): Promise<void> {
    const { eventLog, log } = this.#needs;
    const epoch = await eventLog.epoch();
    const head = await eventLog.head();
    const oldest = await eventLog.oldest();
    this.#historyCheckedAt = performance.now();
    const { last } = this.#ring;
    const missed = head > last && oldest > last + 1;
    if (epoch === this.#epoch && head >= last && !missed) return;
    if (this.#epoch !== undefined)
      log.warn({ epoch, head, last }, 'the event history was replaced');
    this.#ring = new ChangeRing({ base: head, capacity: KEPT });
    this.#epoch = epoch;
    this.#moved();
  }

  #recovered(): void {
    this.#failures = 0;
    if (this.#degraded === undefined) return;
    this.#degraded = undefined;
    this.#needs.log.info('events can be read again');
    this.#moved();
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    if (this.#degraded !== undefined) return;
    const problem = error instanceof Problem ? error : new Problem('MASTER_UNREACHABLE', 'master');
    this.#degraded = problem.message;
    this.#needs.log.warn({ code: problem.code, err: error }, 'events cannot be read');
    this.#moved();
  }

  #moved(): void {
    for (const listener of this.#listeners) listener();
  }
}
