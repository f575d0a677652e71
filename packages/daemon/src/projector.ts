import { changesOf } from '@tenantctl/core/application/projections/tenant-database-projection';
import { problemOf, type Problem } from '@tenantctl/core/domain/errors';
import type { EventLog } from '@tenantctl/core/ports/event-log';
import type { ExclusiveLock } from '@tenantctl/core/ports/exclusive-lock';
import type { TenantDatabaseReadRepository } from '@tenantctl/core/ports/tenant-database-read-repository';
import { backoffMs, pause } from './backoff.ts';
import type { Log } from './log.ts';
import type { Service } from './service.ts';
import { Wakeup } from './wakeup.ts';

const BATCH = 500;
const POLL_MS = 1_000;
/** After a batch the next one waits so long: while a run goes on there is an event every few milliseconds. */
const GATHER_MS = 100;
const retry = { firstMs: 500, maxMs: 30_000 };

type Needs = {
  readonly eventLog: Pick<EventLog, 'after' | 'onHint'>;
  readonly readModel: Pick<TenantDatabaseReadRepository, 'apply' | 'cursor' | 'saveCursor'>;
  readonly lock: ExclusiveLock;
  readonly log: Log;
};

export type ProjectorStatus = {
  /** Is it this daemon that projects? */
  readonly active: boolean;
  /** How far the read model has come, by what this daemon did; undefined until it has done something. */
  readonly cursor: number | undefined;
  /** Why it does not get on. It tries again by itself. */
  readonly problem: Problem | undefined;
};

/**
 * Keeps the read model up to date with the events; one daemon at a time does. Events are applied in order, and
 * the cursor is saved behind them in the same store: a crash in between applies some again, without effect. A
 * store that is away makes it wait, 0.5 to 30 s; the cursor stands and nothing piles up.
 */
export class Projector implements Service {
  readonly name = 'projector';
  readonly #needs: Needs;
  readonly #wakeup = new Wakeup();
  #status: ProjectorStatus = { active: false, cursor: undefined, problem: undefined };

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  status(): ProjectorStatus {
    return this.#status;
  }

  async run(signal: AbortSignal): Promise<void> {
    const stopHints = this.#needs.eventLog.onHint(() => this.#wakeup.wake());
    try {
      await this.#needs.lock.hold('projector', signal, (held) => this.#project(held));
    } finally {
      stopHints();
      this.#note({ active: false });
    }
  }

  async #project(held: AbortSignal): Promise<void> {
    this.#note({ active: true });
    let failures = 0;
    let cursor: number | undefined;
    while (!held.aborted) {
      try {
        cursor = await this.#step(cursor ?? (await this.#needs.readModel.cursor()), held);
        failures = 0;
        this.#note({ cursor, problem: undefined });
      } catch (error) {
        failures += 1;
        // What was applied is not known any more: the store's own cursor is.
        cursor = undefined;
        await this.#failed(error, failures, held);
      }
    }
  }

  /** Applies what is after `cursor`, or waits for it; the new cursor. */
  async #step(cursor: number, held: AbortSignal): Promise<number> {
    const { eventLog, readModel } = this.#needs;
    const events = await eventLog.after(cursor, BATCH);
    const last = events.at(-1);
    if (last === undefined) {
      await this.#wakeup.wait(POLL_MS, held);
      return cursor;
    }
    await readModel.apply(changesOf(events));
    await readModel.saveCursor(last.seq);
    if (events.length < BATCH) await pause(GATHER_MS, held);
    return last.seq;
  }

  async #failed(error: unknown, failures: number, held: AbortSignal): Promise<void> {
    const problem = problemOf(error);
    const retryInMs = backoffMs(failures, retry);
    this.#needs.log.warn({ code: problem.code, err: error, retryInMs }, 'events are not projected');
    this.#note({ problem });
    await pause(retryInMs, held);
  }

  #note(change: Partial<ProjectorStatus>): void {
    this.#status = { ...this.#status, ...change };
  }
}
