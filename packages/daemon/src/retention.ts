import type { Clock } from '@tenantctl/core/ports/clock';
import type { EventRetention } from '@tenantctl/core/ports/event-log';
import { pause } from './backoff.ts';
import type { Log } from './log.ts';
import type { Service } from './service.ts';

const EVERY_MS = 60_000;

type Needs = {
  readonly eventLog: EventRetention;
  /** How long an event is kept for clients that resume. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

/** Keeps the outbox from growing for ever. Every daemon may do it: dropping twice drops nothing more. */
export class OutboxRetention implements Service {
  readonly name = 'outbox-retention';
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { eventLog, keepMs, clock, log } = this.#needs;
    while (!signal.aborted) {
      const dropped = await eventLog.dropBefore(new Date(clock.now().getTime() - keepMs));
      if (dropped > 0) log.debug({ dropped }, 'dropped old events');
      await pause(EVERY_MS, signal);
    }
  }
}
