/** One holder at a time, over all daemons on one master. */
export interface ExclusiveLock {
  /**
   * Waits until nobody else holds the lock of that name, then does `work` while holding it. The signal that
   * `work` gets aborts with `signal`, and when the lock is lost: another may have it from then on, so what is
   * done under it must be harmless when it is done twice. Resolves when `work` has ended or `signal` aborted
   * before it began; rejects when `work` does, or when the lock was lost.
   */
  hold(
    name: string,
    signal: AbortSignal,
    work: (held: AbortSignal) => Promise<void>,
  ): Promise<void>;
}
