import { setTimeout as sleep } from 'node:timers/promises';

type Limits = { readonly firstMs: number; readonly maxMs: number };

/** The delay before try `attempt` (from 1): doubling from `firstMs` to `maxMs`, jittered by up to half. */
export function backoffMs(attempt: number, { firstMs, maxMs }: Limits): number {
  const full = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}

/** Waits; resolves early, without an error, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch(() => undefined);
}
