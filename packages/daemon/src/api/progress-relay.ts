import type { Progress } from '@tenantctl/core/wire/stream';

/** Where the progress of runs comes from. */
export type ProgressSource = {
  readonly subscribe: (listener: (progress: Progress) => void) => () => void;
};

const INTERVAL_MS = 250;

/** Hands progress on at most four times a second; of what comes in between only the latest. */
export class ProgressRelay {
  readonly #listeners = new Set<(text: string) => void>();
  #latest: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop: () => void;

  constructor(source: ProgressSource) {
    this.#stop = source.subscribe((progress) => {
      this.#latest = progress;
      if (this.#timer === undefined) this.#publish();
    });
  }

  /** Calls `listener` with a `progress` message as JSON. Returns how to stop. */
  onProgress(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }

  #publish(): void {
    this.#timer = undefined;
    if (this.#latest === undefined) return;
    const text = JSON.stringify(this.#latest);
    this.#latest = undefined;
    this.#timer = setTimeout(() => this.#publish(), INTERVAL_MS);
    for (const listener of this.#listeners) listener(text);
  }
}
