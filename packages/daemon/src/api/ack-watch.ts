/** Whether a client acknowledges what it is sent. Times are `performance.now()`. */
export class AckWatch {
  #owed = 0;
  #since: number | undefined;

  sent(seq: number): void {
    this.#owed = Math.max(this.#owed, seq);
    this.#since ??= performance.now();
  }

  /** Everything up to `seq` has arrived. Any answer shows that the client reads, so the wait starts anew. */
  acked(seq: number): void {
    this.#since = seq >= this.#owed ? undefined : performance.now();
  }

  /** The wait starts anew with what is sent next. */
  restart(): void {
    this.#since = undefined;
  }

  overdue(timeoutMs: number): boolean {
    return this.#since !== undefined && performance.now() - this.#since > timeoutMs;
  }
}
