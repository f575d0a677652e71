import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { identifier } from './identifier.ts';

type Needs = {
  readonly url: string;
  readonly applicationName: string;
  readonly channel: string;
  /** A notification's payload; null after each (re)connect, because some may have been missed. */
  readonly onNotification: (payload: string | null) => void;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Listens on one channel over its own connection, and connects again for as long as it is not closed. */
export class NotificationListener {
  readonly #needs: Needs;
  readonly #closed = new AbortController();
  readonly #running: Promise<void>;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const connected = await this.#listenOnce(signal);
      pauseMs = connected ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Listens until the connection is lost or the signal aborts; false when it was never made. */
  async #listenOnce(signal: AbortSignal): Promise<boolean> {
    const { url, applicationName, channel, onNotification } = this.#needs;
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const stop = () => end();
    client.on('error', stop);
    client.on('end', stop);
    client.on('notification', ({ payload }) => onNotification(payload ?? ''));
    signal.addEventListener('abort', stop);
    try {
      await client.connect();
      await client.query(`LISTEN ${identifier(channel)}`);
      onNotification(null);
      await over;
      return true;
    } catch {
      return false;
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    }
  }
}
