import type { Clock } from '@tenantctl/core/ports/clock';
import type { EventLog } from '@tenantctl/core/ports/event-log';
import type { Bookmark, DaemonInfo, Hello, Resync } from '@tenantctl/core/wire/stream';
import { backoffMs, pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import { Wakeup } from '../wakeup.ts';
import { AckWatch } from './ack-watch.ts';
import type { EventFeed } from './event-feed.ts';
import { canReplay, isInFeed, missedAfter } from './missed-changes.ts';
import { OutgoingChanges } from './outgoing-changes.ts';
import type { PacedSocket } from './paced-socket.ts';
import type { ProgressRelay } from './progress-relay.ts';
import type { SharedSnapshots } from './shared-snapshots.ts';
import { snapshotChunks } from './snapshot-chunks.ts';
import type { StreamLimits } from './stream-limits.ts';

const retry = { firstMs: 250, maxMs: 2_000 };

export type StreamNeeds = {
  readonly feed: EventFeed;
  readonly eventLog: Pick<EventLog, 'head' | 'oldest' | 'after'>;
  readonly snapshots: SharedSnapshots;
  readonly progress: ProgressRelay;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: StreamLimits;
};

type Client = {
  readonly wire: PacedSocket;
  readonly hello: Hello;
  readonly daemon: DaemonInfo;
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal;
};

/**
 * One client of the stream after its hello. It is given the past (what it missed, or a snapshot), then every
 * change in order (outgoing-changes.ts). When that cannot be kept up, or nothing is acknowledged, it starts
 * over with a snapshot. A client costs its socket's buffer and what is folded for it, however slow it is.
 */
export class StreamSession {
  readonly #needs: StreamNeeds;
  readonly #client: Client;
  readonly #changes: OutgoingChanges;
  readonly #wakeup = new Wakeup();
  readonly #acks = new AckWatch();
  /** The history that the client's numbers belong to. */
  #epoch: string | undefined;
  /** The past has been given; changes are sent as they come. */
  #live = false;
  /** Why the client has to start over. */
  #startOver: string | undefined;
  #progress: string | undefined;
  #toldDegraded: string | undefined;
  /** Since its last snapshot or resumption the client was told that it has everything. */
  #toldCaughtUp = false;

  constructor(needs: StreamNeeds, client: Client) {
    this.#needs = needs;
    this.#client = client;
    const { wire, hello } = client;
    const changes = {
      feed: needs.feed,
      wire,
      maxFolded: needs.limits.maxFolded,
      tenants: hello.tenants,
      send: ({ text, seq }: { readonly text: string; readonly seq: number }) =>
        this.#send(text, seq),
      onBehind: (reason: string) => this.#fallBehind(reason),
    };
    this.#changes = new OutgoingChanges(changes, { from: hello.lastSeq ?? 0 });
  }

  /** Serves the client until its connection is gone. */
  async run(): Promise<void> {
    const { feed, progress, limits } = this.#needs;
    const { wire } = this.#client;
    const stopFeed = feed.onMove(() => this.#onMove());
    const stopProgress = progress.onProgress((text) => this.#onProgress(text));
    const tick = setInterval(() => this.#onTick(), limits.bookmarkMs);
    wire.onRead((wasSlow) => this.#onRead(wasSlow));
    try {
      await this.#begin();
      await this.#keepGoing();
    } finally {
      clearInterval(tick);
      stopFeed();
      stopProgress();
    }
  }

  /** The client has everything up to `seq`. */
  acked(seq: number): void {
    this.#acks.acked(seq);
  }

  async #begin(): Promise<void> {
    const { feed } = this.#needs;
    const { hello, closed } = this.#client;
    while (feed.epoch === undefined && !closed.aborted) await this.#woken();
    this.#epoch = feed.epoch;
    const { lastSeq, epoch } = hello;
    const resumes = lastSeq !== undefined && epoch === feed.epoch;
    if (resumes && (await this.#replay(lastSeq))) this.#live = true;
    else await this.#sendSnapshot();
  }

  /** Sends what came after `lastSeq`, up to where the feed has the rest; false when that is not to be had. */
  async #replay(lastSeq: number): Promise<boolean> {
    if ((await this.#patiently(() => canReplay(this.#needs, lastSeq))) !== true) return false;
    this.#changes.startAfter(lastSeq);
    while (!isInFeed(this.#needs.feed, this.#changes.handed)) {
      const from = this.#changes.handed;
      const missed = await this.#patiently(() => missedAfter(this.#needs, from));
      if (missed === undefined || missed === null) return false;
      for (const message of missed) {
        await this.#room();
        this.#changes.give(message);
      }
    }
    return true;
  }

  async #sendSnapshot(): Promise<void> {
    const { feed, snapshots } = this.#needs;
    const { hello, daemon, wire } = this.#client;
    this.#live = false;
    const { epoch } = feed;
    const fleet = await this.#patiently(() => snapshots.take(hello.tenants));
    if (fleet === undefined || epoch === undefined) return;
    for (const chunk of snapshotChunks(fleet, { epoch, daemon })) {
      await this.#room();
      if (!wire.open || this.#startOver !== undefined) return;
      this.#acks.restart();
      this.#send(chunk, fleet.seq);
    }
    this.#changes.startAfter(fleet.seq);
    this.#epoch = epoch;
    this.#toldCaughtUp = false;
    this.#live = true;
  }

  async #keepGoing(): Promise<void> {
    while (!this.#client.closed.aborted) {
      if (this.#startOver === undefined) {
        this.#handOver();
        await this.#woken();
      } else {
        await this.#resync();
      }
    }
  }

  #handOver(): void {
    if (!this.#live) return;
    if (this.#needs.feed.epoch !== this.#epoch) {
      return this.#fallBehind('the event history was replaced');
    }
    if (!this.#changes.handOver() || this.#client.wire.full) return;
    if (!this.#toldCaughtUp) this.#sendBookmark();
    this.#toldCaughtUp = true;
    if (this.#progress !== undefined) this.#send(this.#progress);
    this.#progress = undefined;
  }

  async #resync(): Promise<void> {
    await this.#room();
    const reason = this.#startOver ?? 'unknown';
    const { principal } = this.#client.daemon;
    this.#needs.log.debug({ reason, principal }, 'a client of the stream starts over');
    this.#startOver = undefined;
    this.#acks.restart();
    this.#send(JSON.stringify({ type: 'resync', reason } satisfies Resync));
    await this.#sendSnapshot();
  }

  #fallBehind(reason: string): void {
    this.#startOver ??= reason;
    this.#wakeup.wake();
  }

  #onMove(): void {
    this.#foldIfSlow(this.#client.wire.slow);
    if (this.#needs.feed.degraded !== this.#toldDegraded) this.#sendBookmark();
    this.#wakeup.wake();
  }

  #onRead(wasSlow: boolean): void {
    this.#foldIfSlow(wasSlow);
    this.#wakeup.wake();
  }

  #foldIfSlow(wasSlow: boolean): void {
    if (this.#live && this.#startOver === undefined) this.#changes.foldIfSlow(wasSlow);
  }

  #onProgress(text: string): void {
    this.#progress = text;
    this.#wakeup.wake();
  }

  #onTick(): void {
    const { ackTimeoutMs } = this.#needs.limits;
    this.#sendBookmark();
    if (!this.#acks.overdue(ackTimeoutMs)) return;
    this.#acks.restart();
    this.#fallBehind(`nothing was acknowledged for ${ackTimeoutMs / 1000} s`);
  }

  /** While the client waits for its past, a bookmark is sent only to say that the master is away. */
  #sendBookmark(): void {
    const { feed, clock } = this.#needs;
    const { degraded } = feed;
    const hasNews = this.#live || degraded !== this.#toldDegraded || degraded !== undefined;
    if (!hasNews || this.#client.wire.full || this.#startOver !== undefined) return;
    this.#toldDegraded = degraded;
    const why = degraded === undefined ? {} : { degraded };
    const bookmark: Bookmark = {
      type: 'bookmark',
      seq: this.#changes.handed,
      at: clock.now(),
      ...why,
    };
    this.#send(JSON.stringify(bookmark));
  }

  #send(text: string, seq?: number): void {
    const { wire } = this.#client;
    if (!wire.open) return;
    wire.send(text);
    if (seq !== undefined) this.#acks.sent(seq);
  }

  /** Waits for a reason to look again, or for the end. */
  #woken(): Promise<void> {
    return this.#wakeup.wait(this.#needs.limits.bookmarkMs, this.#client.closed);
  }

  /** Waits until the socket takes something, or is gone. */
  async #room(): Promise<void> {
    const { wire } = this.#client;
    while (wire.open && wire.full) await this.#woken();
  }

  /** Repeats a read until the master answers; undefined when the client has gone before that. */
  async #patiently<T>(read: () => Promise<T>): Promise<T | undefined> {
    const { closed } = this.#client;
    for (let attempt = 1; !closed.aborted; attempt += 1) {
      try {
        return await read();
      } catch (error) {
        this.#needs.log.warn({ err: error, attempt }, 'a client of the stream has to wait');
        await pause(backoffMs(attempt, retry), closed);
      }
    }
    return undefined;
  }
}
