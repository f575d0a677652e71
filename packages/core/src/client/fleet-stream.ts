import type { Problem } from '../domain/errors.ts';
import type {
  Bookmark,
  ChangeMessage,
  Hello,
  Progress,
  Resync,
  ServerMessage,
  Snapshot,
} from '../wire/stream.ts';
import { streamProtocol } from '../wire/stream.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { StreamSocket, type StreamTiming } from './stream-socket.ts';

/** What a stream hands over. A snapshot comes whole: the chunks it travelled in are put together. */
export type FleetMessage = Snapshot | ChangeMessage | Progress | Bookmark | Resync;

/**
 * `connecting` until the first message, `live` while messages come, `lost` from the moment they stopped
 * until the next one. While `lost`, it is reported again with each attempt's error; `since` stays.
 */
export type FleetConnection =
  | { readonly state: 'connecting' | 'live'; readonly since: Date }
  | { readonly state: 'lost'; readonly since: Date; readonly error: Problem };

export type FleetStream = { readonly close: () => void };

type Timing = StreamTiming & { readonly retryFromMs: number; readonly retryToMs: number };

type Options = {
  readonly address: DaemonAddress;
  readonly token?: string | undefined;
  /** Narrows databases and changes to these tenants (UUIDs, at most 500); runs always come. */
  readonly tenants?: readonly string[] | undefined;
  readonly onMessage: (message: FleetMessage) => void;
  readonly onConnection?: (connection: FleetConnection) => void;
  readonly signal?: AbortSignal | undefined;
  readonly timing?: Partial<Timing>;
  readonly random?: () => number;
};

const usualTiming: Timing = {
  silenceMs: 12_000,
  ackEveryMs: 5_000,
  retryFromMs: 200,
  retryToMs: 5_000,
};

/**
 * Follows the fleet until `close` or `signal`. Messages come in the daemon's order. When the connection is
 * lost it is opened again, after 0.2 s to 5 s, and goes on where it was: what was missed comes once, or a
 * new snapshot comes instead.
 */
export function openFleetStream(options: Options): FleetStream {
  const stream = new ReconnectingStream(options);
  return { close: () => stream.close() };
}

class ReconnectingStream {
  readonly #options: Options;
  readonly #timing: Timing;
  #socket: StreamSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #connection: FleetConnection = { state: 'connecting', since: new Date() };
  /** The chunks of a snapshot that is still coming. */
  #partial: Snapshot | undefined;
  #cursor: { epoch: string; seq: number } | undefined;
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
    this.#timing = { ...usualTiming, ...options.timing };
    if (options.signal?.aborted === true) {
      this.#closed = true;
      return;
    }
    options.signal?.addEventListener('abort', this.close, { once: true });
    options.onConnection?.(this.#connection);
    this.#connect();
  }

  readonly close = (): void => {
    this.#closed = true;
    this.#options.signal?.removeEventListener('abort', this.close);
    clearTimeout(this.#retry);
    this.#socket?.close();
  };

  #connect(): void {
    this.#partial = undefined;
    this.#socket = new StreamSocket({
      address: this.#options.address,
      hello: this.#hello(),
      timing: this.#timing,
      onMessage: (message) => this.#receive(message),
      onEnd: (problem) => this.#lost(problem),
      seen: () => this.#cursor?.seq,
    });
  }

  #hello(): Hello {
    const { token, tenants } = this.#options;
    return {
      type: 'hello',
      protocol: streamProtocol,
      ...(token !== undefined && { token }),
      ...(tenants !== undefined && { tenants: [...tenants] }),
      ...(this.#cursor !== undefined && { epoch: this.#cursor.epoch, lastSeq: this.#cursor.seq }),
    };
  }

  #receive(received: ServerMessage): void {
    if (this.#closed || received.type === 'refused') return;
    const message = received.type === 'snapshot' ? this.#assembled(received) : received;
    if (message === undefined) return;
    if (message.type === 'resync') this.#cursor = undefined;
    else this.#moveCursor(message);
    this.#live();
    this.#options.onMessage(message);
  }

  /** The whole snapshot with its last chunk, undefined before. */
  #assembled(chunk: Snapshot): Snapshot | undefined {
    const before = this.#partial;
    if (before !== undefined && before.epoch === chunk.epoch && before.seq === chunk.seq) {
      for (const database of chunk.databases) before.databases.push(database);
      for (const tenant of chunk.tenants) before.tenants.push(tenant);
    } else {
      this.#partial = chunk;
    }
    if (chunk.more) return undefined;
    const whole = { ...(this.#partial ?? chunk), more: false };
    this.#partial = undefined;
    return whole;
  }

  #moveCursor(message: Exclude<FleetMessage, Resync>): void {
    if (message.type === 'snapshot') {
      this.#cursor = { epoch: message.epoch, seq: message.seq };
    } else if (message.type !== 'progress' && this.#cursor !== undefined) {
      this.#cursor.seq = Math.max(this.#cursor.seq, message.seq);
    }
    // A daemon that lives to send a bookmark is well again; one that sends half a snapshot is not.
    if (message.type === 'bookmark') this.#failures = 0;
  }

  #live(): void {
    if (this.#connection.state === 'live') return;
    this.#report({ state: 'live', since: new Date() });
  }

  #lost(error: Problem): void {
    if (this.#closed) return;
    // Whatever was not understood must not be asked for again.
    if (error.code === 'INTERNAL') this.#cursor = undefined;
    const { since } = this.#connection.state === 'lost' ? this.#connection : { since: new Date() };
    this.#report({ state: 'lost', since, error });
    this.#retry = setTimeout(() => this.#connect(), this.#nextDelayMs());
  }

  /** Doubles with each failure; a random half of it is left out, so that many clients spread. */
  #nextDelayMs(): number {
    const { retryFromMs, retryToMs } = this.#timing;
    const ceiling = Math.min(retryToMs, retryFromMs * 2 ** this.#failures);
    this.#failures += 1;
    const random = this.#options.random ?? Math.random;
    return Math.max(retryFromMs, ceiling * (0.5 + random() / 2));
  }

  #report(connection: FleetConnection): void {
    this.#connection = connection;
    this.#options.onConnection?.(connection);
  }
}
