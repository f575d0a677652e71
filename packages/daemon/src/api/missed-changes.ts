import type { EventLog } from '@tenantctl/core/ports/event-log';
import { REPLAY_LIMIT, type EventFeed } from './event-feed.ts';
import { messageOf, type FeedMessage } from './feed-message.ts';

const BATCH = 500;

type Needs = {
  readonly feed: EventFeed;
  readonly eventLog: Pick<EventLog, 'head' | 'oldest' | 'after'>;
};

/**
 * May a client that has everything up to `lastSeq` get the rest change by change? If not it needs a snapshot.
 * Whether the log still has it all turns out when it is read.
 */
export async function canReplay({ feed, eventLog }: Needs, lastSeq: number): Promise<boolean> {
  const missed = feed.seq - lastSeq;
  if (missed >= 0 && missed <= REPLAY_LIMIT && isInFeed(feed, lastSeq)) return true;
  // Another daemon's feed may have been ahead of ours: only the log knows what is the future.
  const head = await eventLog.head();
  return lastSeq <= head && head - lastSeq <= REPLAY_LIMIT;
}

/** Does the feed have everything after `seq`? */
export function isInFeed(feed: EventFeed, seq: number): boolean {
  return feed.since(seq, 1) !== null;
}

/** The next changes after `seq` from the log, oldest first; null when some have been dropped meanwhile. */
export async function missedAfter(
  { eventLog }: Needs,
  seq: number,
): Promise<readonly FeedMessage[] | null> {
  const events = await eventLog.after(seq, BATCH);
  // Asked afterwards: what was kept then was kept when the events were read.
  const oldest = await eventLog.oldest();
  if (oldest > seq + 1 || events.length === 0) return null;
  return events.map(messageOf);
}
