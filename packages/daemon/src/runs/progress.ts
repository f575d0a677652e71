import type { MigrationRunViewModel } from '@tenantctl/core/application/view-models/migration-run-view-model';
import type { MigrationRunRepository } from '@tenantctl/core/ports/migration-run-repository';
import type { Progress, Step } from '@tenantctl/core/wire/stream';
import { pause } from '../backoff.ts';
import type { Service } from '../service.ts';
import type { Wakeup } from '../wakeup.ts';
import type { Steps } from './steps.ts';

const EVERY_MS = 500;
const IDLE_MS = 2000;
const RATE_WINDOW_S = 30;
const SLOWEST = 50;
/** The estimate is a range, because the last tenants are rarely as fast as the first. */
const ETA_SPREAD = { low: 0.85, high: 1.3 };

type Listener = (progress: Progress) => void;
type Needs = {
  readonly runs: MigrationRunRepository;
  readonly steps: Steps;
  /** Wakes when a run was started. */
  readonly wakeup: Wakeup;
};

/** Tells how the run that is going on is getting along; costs no question to any tenant. */
export class ProgressService implements Service {
  readonly name = 'progress';
  readonly #needs: Needs;
  readonly #listeners = new Set<Listener>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const run = await this.#needs.runs.current();
      if (run === null) {
        await this.#needs.wakeup.wait(IDLE_MS, signal);
        continue;
      }
      if (this.#listeners.size > 0) await this.#report(run);
      await pause(EVERY_MS, signal);
    }
  }

  async #report(run: MigrationRunViewModel): Promise<void> {
    const { runs } = this.#needs;
    const [ended, running] = await Promise.all([
      runs.endedWithin(run.id, RATE_WINDOW_S),
      runs.items({ runId: run.id, state: 'running', page: 1, limit: SLOWEST }),
    ]);
    const age = (Date.now() - run.startedAt.getTime()) / 1000;
    const ratePerSecond = ended / Math.max(1, Math.min(RATE_WINDOW_S, age));
    const inFlight = running.items.map((item): Step => {
      const { tenantDatabaseId, tenantSlug } = item;
      const since = item.startedAt ?? run.startedAt;
      const known = this.#needs.steps.of(tenantDatabaseId);
      return known ?? { tenantDatabaseId, tenantSlug, attempt: item.attempts, since };
    });
    const left = run.counts.pending + run.counts.running;
    const progress: Progress = {
      type: 'progress',
      run,
      ratePerSecond,
      etaSeconds: etaOf(left, ratePerSecond),
      inFlight,
    };
    for (const listener of this.#listeners) listener(progress);
  }
}

/** Seconds until `left` items have ended at this rate, as a range; null without a rate. */
function etaOf(left: number, ratePerSecond: number): [number, number] | null {
  if (ratePerSecond <= 0) return null;
  const seconds = left / ratePerSecond;
  return [Math.floor(seconds * ETA_SPREAD.low), Math.ceil(seconds * ETA_SPREAD.high)];
}
