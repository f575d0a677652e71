import { problemOf } from '@tenantctl/core/domain/errors';
import { backoffMs, pause } from './backoff.ts';
import type { Log } from './log.ts';
import type { Service } from './service.ts';

const limits = { firstMs: 200, maxMs: 10_000 };
/** A service that ran this long has recovered: its next failure starts from the first delay again. */
const WELL_AFTER_MS = 30_000;

/** Runs every service until the signal aborts; one that fails is started again with back-off. */
export async function supervise(
  services: readonly Service[],
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  await Promise.all(services.map((service) => keepRunning(service, log, signal)));
}

async function keepRunning(service: Service, log: Log, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const started = performance.now();
    try {
      await service.run(signal);
    } catch (error) {
      if (signal.aborted) return;
      failures = performance.now() - started > WELL_AFTER_MS ? 1 : failures + 1;
      const retryInMs = backoffMs(failures, limits);
      const { code, message, kind } = problemOf(error);
      const level = kind === 'bug' ? 'error' : 'warn';
      log[level]({ service: service.name, code, retryInMs, err: error }, message);
      await pause(retryInMs, signal);
    }
  }
}
