import { WebSocket } from 'ws';
import type { StreamLimits } from './stream-limits.ts';

type Options = {
  readonly socket: WebSocket;
  readonly limits: Pick<StreamLimits, 'highWaterBytes' | 'slowAfterMs'>;
};

/**
 * A WebSocket that says when its reader is behind. `ws` itself buffers without bound and without a word:
 * whoever writes has to look at `full` first.
 */
export class PacedSocket {
  readonly #socket: WebSocket;
  readonly #limits: Options['limits'];
  #fullSince: number | undefined;
  #onRead: (wasSlow: boolean) => void = () => undefined;

  constructor({ socket, limits }: Options) {
    this.#socket = socket;
    this.#limits = limits;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** There is more in the buffer than one client may cost. */
  get full(): boolean {
    return this.#socket.bufferedAmount > this.#limits.highWaterBytes;
  }

  /** It has been full for a while: the reader does not keep up. */
  get slow(): boolean {
    const { slowAfterMs } = this.#limits;
    return this.#fullSince !== undefined && performance.now() - this.#fullSince > slowAfterMs;
  }

  /** Calls `listener` each time something has left the buffer, with whether the reader was slow until then. */
  onRead(listener: (wasSlow: boolean) => void): void {
    this.#onRead = listener;
  }

  send(text: string): void {
    this.#socket.send(text, () => {
      const wasSlow = this.slow;
      if (!this.full) this.#fullSince = undefined;
      this.#onRead(wasSlow);
    });
    if (this.full) this.#fullSince ??= performance.now();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
