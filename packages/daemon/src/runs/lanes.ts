import type { LaneJob, QueueWorker, WorkQueue } from '@tenantctl/core/ports/work-queue';
import type { Log } from '../log.ts';
import type { Service } from '../service.ts';
import type { ItemNeeds } from './item.ts';
import { workLane } from './lane.ts';
import type { Wakeup } from '../wakeup.ts';

/** How often missing lanes are sent again: an exclusive send is dropped while the lane's old job is active. */
const TICK_MS = 2000;

type Needs = ItemNeeds & {
  readonly queue: WorkQueue;
  readonly daemonId: string;
  /** Wakes when a run was started. */
  readonly wakeup: Wakeup;
  readonly log: Log;
};

/**
 * Spreads a run over lanes. A lane is one exclusive job per server and number, so the number of databases
 * that a server migrates at once is exact over all daemons. Workers exist only while there is a run.
 */
export class LanesService implements Service {
  readonly name = 'lanes';
  readonly #needs: Needs;
  #workers: QueueWorker[] = [];
  #employed = 0;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        // oxlint-disable no-await-in-loop -- tick after tick
        await this.#tick(signal);
        await this.#needs.wakeup.wait(TICK_MS, signal);
      }
    } finally {
      await this.#dismiss();
    }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { runs, clock, log } = this.#needs;
    const ended = await runs.endIfDone(clock.now());
    if (ended !== null) log.info({ run: ended.number, state: ended.state, counts: ended.counts }, 'run ended');
    const servers = await runs.serversWithWork();
    const concurrency = servers.reduce((sum, { lanes }) => sum + lanes, 0);
    await this.#employ(concurrency, signal);
    const sends = servers.flatMap(({ server, lanes }) =>
      Array.from({ length: lanes }, (_, lane) => this.#needs.queue.sendLane(server, lane)),
    );
    await Promise.all(sends);
    for (const worker of this.#workers) worker.wake();
  }

  /** At least as many workers as there are lanes with work, and none while there is nothing to do. */
  async #employ(lanes: number, signal: AbortSignal): Promise<void> {
    if (lanes === 0) return this.#dismiss();
    const missing = lanes - this.#employed;
    if (missing <= 0) return;
    const worker = await this.#needs.queue.workLanes(missing, (job, lease) =>
      this.#work(job, AbortSignal.any([lease, signal])),
    );
    this.#workers.push(worker);
    this.#employed += missing;
  }

  async #dismiss(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    this.#employed = 0;
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  async #work({ server, lane }: LaneJob, signal: AbortSignal): Promise<void> {
    const { daemonId, wakeup } = this.#needs;
    await workLane(this.#needs, { server, lane, daemonId }, signal);
    // The lane that ended last has to see that the run is over.
    wakeup.wake();
  }
}
