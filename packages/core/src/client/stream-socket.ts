import { connect } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import { Problem } from '../domain/errors.ts';
import { type Ack, type Hello, ServerMessage } from '../wire/stream.ts';
import { type DaemonAddress, nameOfAddress } from './daemon-address.ts';
import { jsonOf, whyUnreachable } from './daemon-answer.ts';

/** How long `close` waits for the other side's goodbye. */
const CLOSE_TIMEOUT_MS = 500;

/** How the stream keeps time. The daemon sends a bookmark every 5 s and wants an ack within 30 s. */
export type StreamTiming = {
  /** Nothing heard for so long: the connection is taken for dead. */
  readonly silenceMs: number;
  readonly ackEveryMs: number;
};

type Options = {
  readonly address: DaemonAddress;
  readonly hello: Hello;
  readonly timing: StreamTiming;
  readonly onMessage: (message: ServerMessage) => void;
  /** Once, when the connection is over for any reason but `close`. */
  readonly onEnd: (problem: Problem) => void;
  /** The number to acknowledge; undefined while there is none. */
  readonly seen: () => number | undefined;
};

/** One connection to `/events`: says hello, hands over valid messages, acknowledges, notices silence. */
export class StreamSocket {
  readonly #options: Options;
  readonly #socket: WebSocket;
  #silence: NodeJS.Timeout | undefined;
  #acks: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: Options) {
    this.#options = options;
    const { address } = options;
    this.#socket = open(address);
    this.#socket
      .on('open', () => this.#start())
      .on('message', (data) => this.#receive(textOf(data)))
      .on('error', (error) => this.#end(this.#lost(whyUnreachable(error), error)))
      .on('close', () => this.#end(this.#lost(': the connection was closed')));
    this.#listen();
  }

  close(): void {
    this.#stop();
    this.#socket.close();
  }

  #start(): void {
    this.#socket.send(JSON.stringify(this.#options.hello));
    this.#acks = setInterval(() => this.#acknowledge(), this.#options.timing.ackEveryMs);
  }

  #acknowledge(): void {
    const seq = this.#options.seen();
    if (seq === undefined) return;
    this.#socket.send(JSON.stringify({ type: 'ack', seq } satisfies Ack));
  }

  #listen(): void {
    const { silenceMs } = this.#options.timing;
    clearTimeout(this.#silence);
    const silent = `: nothing heard for ${silenceMs / 1000} s`;
    this.#silence = setTimeout(() => this.#end(this.#lost(silent)), silenceMs);
  }

  #receive(text: string): void {
    if (this.#ended) return;
    this.#listen();
    const raw = jsonOf(text);
    const message = ServerMessage.safeParse(raw);
    if (!message.success) {
      if (isKnownType(raw)) this.#end(notUnderstood(message.error));
    } else if (message.data.type === 'refused') {
      this.#end(Problem.fromWire(message.data));
    } else {
      this.#options.onMessage(message.data);
    }
  }

  #lost(more: string, cause?: unknown): Problem {
    const name = nameOfAddress(this.#options.address);
    return new Problem('DAEMON_UNREACHABLE', name, { more, cause });
  }

  #end(problem: Problem): void {
    if (this.#ended) return;
    this.#stop();
    this.#socket.terminate();
    this.#options.onEnd(problem);
  }

  #stop(): void {
    this.#ended = true;
    clearTimeout(this.#silence);
    clearInterval(this.#acks);
  }
}

function open(address: DaemonAddress): WebSocket {
  const options = { perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT_MS };
  if (address.kind === 'tcp') {
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    return new WebSocket(`${address.tls ? 'wss' : 'ws'}://${host}:${address.port}/events`, options);
  }
  // Not `ws+unix:`, which would read a ":" or "%" in the path as something else.
  const { path } = address;
  return new WebSocket('ws://localhost/events', {
    ...options,
    createConnection: () => connect({ path }),
  });
}

/** Only text is spoken here, and ws hands it over as one buffer. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** A message of a type that this version has never heard of is left out; a broken one of ours is not. */
function isKnownType(raw: unknown): boolean {
  if (typeof raw !== 'object' || raw === null || !('type' in raw)) return true;
  return ServerMessage.options.some((option) => option.shape.type.value === raw.type);
}

function notUnderstood(cause: unknown): Problem {
  return new Problem('INTERNAL', 'stream', {
    more: 'the daemon sent a message that this version does not understand',
    help: 'Use a tenantctl and a tenantd of the same version.',
    cause,
  });
}
