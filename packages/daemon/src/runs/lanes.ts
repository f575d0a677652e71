import type { DaemonRegistry } from '@tenantctl/core/ports/daemon-registry';
import type { LaneJob, QueueWorker, WorkQueue } from '@tenantctl/core/ports/work-queue';
import type { Log } from '../log.ts';
import type { Service } from '../service.ts';
import type { Wakeup } from '../wakeup.ts';
import type { ItemNeeds } from './item.ts';
import { workLane } from './lane.ts';

/** How often missing lanes are sent again: an exclusive send is dropped while the lane's old job is active. */
const TICK_MS = 2000;

type Needs = ItemNeeds & {
  readonly queue: WorkQueue;
  readonly registry: DaemonRegistry;
  readonly daemonId: string;
  /** Wakes when a run was started, and when one has ended. */
  readonly wakeup: Wakeup;
  readonly log: Log;
};

/** Works one lane at a time until it is given up; then it ends after the item in hand. */
type LaneWorker = { readonly worker: QueueWorker; readonly giveUp: AbortController };

/**
 * Spreads a run over lanes. A lane is one exclusive job per server and number, so the number of databases
 * that a server migrates at once is exact over all daemons. Each daemon works its share of the lanes; workers
 * exist only while there is a run.
 */
export class LanesService implements Service {
  readonly name = 'lanes';
  readonly #needs: Needs;
  readonly #workers: LaneWorker[] = [];
  readonly #leaving = new Set<Promise<void>>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#tick();
        await this.#needs.wakeup.wait(TICK_MS, signal);
      }
    } finally {
      this.#dismiss(this.#workers.length);
      await Promise.all(this.#leaving);
      if (signal.aborted) await this.#needs.registry.leave().catch(() => undefined);
    }
  }

  async #tick(): Promise<void> {
    const { runs, registry, queue } = this.#needs;
    const daemons = await registry.beat();
    await this.#endRun();
    const servers = await runs.serversWithWork();
    const lanes = servers.reduce((sum, server) => sum + server.lanes, 0);
    await this.#employ(Math.ceil(lanes / daemons));
    await Promise.all(
      servers.flatMap(({ server, lanes: count }) =>
        Array.from({ length: count }, (_, lane) => queue.sendLane(server, lane)),
      ),
    );
    for (const { worker } of this.#workers) worker.wake();
  }

  /** Ends the run when nothing of it is left; whether it did. */
  async #endRun(): Promise<boolean> {
    const { runs, clock, log } = this.#needs;
    const ended = await runs.endIfDone(clock.now());
    if (ended === null) return false;
    const { number, state, counts } = ended;
    log.info({ run: number, state, counts }, 'run ended');
    return true;
  }

  async #employ(share: number): Promise<void> {
    this.#dismiss(this.#workers.length - share);
    while (this.#workers.length < share) {
      const giveUp = new AbortController();
      const worker = await this.#needs.queue.workLanes(1, (job, lease) =>
        this.#work(job, AbortSignal.any([lease, giveUp.signal])),
      );
      this.#workers.push({ worker, giveUp });
    }
  }

  /** Gives up the newest `count` workers: each ends the item in hand, and its lane is another's. */
  #dismiss(count: number): void {
    for (const { worker, giveUp } of this.#workers.splice(-count, Math.max(0, count))) {
      giveUp.abort();
      const left = worker.stop().finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
  }

  async #work({ server, lane, jobId }: LaneJob, signal: AbortSignal): Promise<void> {
    const { daemonId, wakeup } = this.#needs;
    await workLane(this.#needs, { server, lane, daemonId, jobId }, signal);
    // The lane that ended last has to see that the run is over. One that ended earlier must not wake the tick: it would
    // be sent again at once, find nothing and end, over and over, for as long as another lane is at work.
    if (await this.#endRun().catch(() => false)) wakeup.wake();
  }
}
