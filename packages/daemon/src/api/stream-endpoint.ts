import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, problemOf } from '@tenantctl/core/domain/errors';
import type { Principal } from '@tenantctl/core/ports/tenant-database-write-repository';
import {
  Ack,
  Hello,
  streamProtocol,
  type DaemonInfo,
  type Refused,
} from '@tenantctl/core/wire/stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { z } from 'zod';
import type { Authenticate } from './authentication.ts';
import { PacedSocket } from './paced-socket.ts';
import { StreamSession, type StreamNeeds } from './stream-session.ts';

/** Close codes of RFC 6455. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

const AnyHello = z.looseObject({ type: z.literal('hello'), protocol: z.unknown() });

type Needs = StreamNeeds & {
  readonly authenticate: Authenticate;
  readonly daemonInfo: (principal: Principal) => DaemonInfo;
};

/** `GET /events`: from the upgrade to the hello, and then a session for each client. */
export class StreamEndpoint {
  readonly #needs: Needs;
  readonly #server: WebSocketServer;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: needs.limits.maxMessageBytes,
    });
  }

  get clients(): number {
    return this.#server.clients.size;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => void this.#serve(client));
  }

  /** Tells every client that the daemon goes away. */
  close(): void {
    for (const client of this.#server.clients) client.close(GOING_AWAY, 'the daemon is stopping');
  }

  /** Ends every connection that is left. */
  terminate(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  async #serve(socket: WebSocket): Promise<void> {
    const { log, limits } = this.#needs;
    const closed = new AbortController();
    socket.once('close', () => closed.abort());
    // A fault of the client's: too large a message, bad UTF-8. ws closes the connection itself.
    socket.on('error', (error) => log.debug({ err: error }, 'a client of the stream misbehaved'));
    try {
      if (this.clients > limits.maxClients) throw new Problem('TOO_MANY_CLIENTS', 'events');
      const hello = await this.#hello(socket, closed.signal);
      if (hello === null) return;
      const principal = await this.#needs.authenticate(hello.token);
      if (principal === null) throw new Problem('UNAUTHENTICATED', 'events');
      if (closed.signal.aborted) return;
      const wire = new PacedSocket({ socket, limits });
      const daemon = this.#needs.daemonInfo(principal);
      const session = new StreamSession(this.#needs, {
        wire,
        hello,
        daemon,
        closed: closed.signal,
      });
      socket.on('message', (data, isBinary) => this.#receive(session, socket, data, isBinary));
      socket.resume();
      await session.run();
    } catch (error) {
      this.#refuse(socket, error);
    }
  }

  /** The first message; null when the client left before it. The socket is paused after it. */
  #hello(socket: WebSocket, closed: AbortSignal): Promise<Hello | null> {
    const { helloTimeoutMs } = this.#needs.limits;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(
          new Problem('INVALID_INPUT', 'hello', { more: `did not come in ${helloTimeoutMs} ms` }),
        );
      }, helloTimeoutMs);
      closed.addEventListener('abort', () => {
        clearTimeout(late);
        resolve(null);
      });
      socket.once('message', (data, isBinary) => {
        clearTimeout(late);
        socket.pause();
        try {
          resolve(parseHello(textOf(data, isBinary)));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #receive(session: StreamSession, socket: WebSocket, data: RawData, isBinary: boolean): void {
    const ack = Ack.safeParse(jsonOf(textOf(data, isBinary)));
    if (ack.success) return session.acked(ack.data.seq);
    this.#refuse(socket, new Problem('INVALID_INPUT', 'message', { more: 'is not an ack' }));
  }

  #refuse(socket: WebSocket, error: unknown): void {
    const { log } = this.#needs;
    const problem = problemOf(error);
    const { code, kind } = problem;
    if (kind === 'bug') log.error({ err: error }, 'a session of the stream failed');
    else log.debug({ code }, problem.message);
    const message = kind === 'bug' ? 'The stream failed; connect again' : problem.message;
    socket.send(
      JSON.stringify({ type: 'refused', code, message } satisfies Refused),
      () => undefined,
    );
    socket.close(POLICY_VIOLATION, code);
    // It may have been paused after its hello: its own close has to be heard.
    socket.resume();
  }
}

function parseHello(text: string): Hello {
  const json = jsonOf(text);
  const hello = Hello.safeParse(json);
  if (hello.success) return hello.data;
  const other = AnyHello.safeParse(json);
  if (other.success && other.data.protocol !== streamProtocol) {
    throw new Problem('PROTOCOL_MISMATCH', String(other.data.protocol), {
      more: `: this daemon speaks ${streamProtocol}`,
    });
  }
  const [issue] = hello.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'hello' : issue.path.join('.');
  throw new Problem('INVALID_INPUT', field, {
    more: `is not what a hello has there: ${issue?.message}`,
  });
}

function textOf(data: RawData, isBinary: boolean): string {
  return isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8');
}

/** Undefined when it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
