/** Wakes one waiter. A ring while nobody waits is kept, so that none is lost; many rings are one. */
export class Doorbell {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves at the next ring, at once when there was one since the last call, at the latest after `timeoutMs`. */
  async rung(timeoutMs?: number): Promise<void> {
    if (!this.#rung) await this.#wait(timeoutMs);
    this.#rung = false;
  }

  #wait(timeoutMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
