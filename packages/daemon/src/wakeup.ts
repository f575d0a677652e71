/** Something to wait for with a time limit, that others can cut short. A wake while nobody waits is kept. */
export class Wakeup {
  #pending = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Resolves when woken, after `ms`, or when the signal aborts; never rejects. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) await this.#sleep(ms, signal);
    this.#pending = false;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    this.#resolve = end;
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    this.#resolve = undefined;
  }
}
