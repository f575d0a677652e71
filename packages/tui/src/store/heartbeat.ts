import type { FleetStore } from './fleet-store.ts';
import type { UiStore } from './ui-store.ts';

/** What the stream brings is shown at most this often. */
const FLUSH_EVERY_MS = 110;
const TICK_EVERY_MS = 1000;

/**
 * Lets the screen follow the stream and the clock, until the returned function is called. The first change
 * after a quiet time shows at once; more of them wait for each other.
 */
export function startHeartbeat(fleet: FleetStore, ui: UiStore): () => void {
  let waiting: NodeJS.Timeout | undefined;
  let flushedAtMs = -Infinity;
  const flush = (): void => {
    waiting = undefined;
    flushedAtMs = performance.now();
    ui.flush();
  };
  const unsubscribe = fleet.subscribe(() => {
    const pauseMs = flushedAtMs + FLUSH_EVERY_MS - performance.now();
    waiting ??= setTimeout(flush, Math.max(0, pauseMs));
  });
  const ticks = setInterval(() => ui.tick(), TICK_EVERY_MS);
  return () => {
    unsubscribe();
    clearTimeout(waiting);
    clearInterval(ticks);
  };
}
