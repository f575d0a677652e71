import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { Problem } from '../domain/errors.ts';
import type { GraphqlOperation } from '../wire/graphql-operation.ts';
import { GraphqlResponse, problemInResponse } from '../wire/graphql-response.ts';
import { type DaemonAddress, nameOfAddress } from './daemon-address.ts';
import { jsonOf, whyUnreachable } from './daemon-answer.ts';

type Options = {
  readonly address: DaemonAddress;
  /** An API token; a Unix socket needs none. */
  readonly token?: string | undefined;
  /** How long a whole answer may take. Default 15 s. */
  readonly timeoutMs?: number;
  /** Refuses every mutation with `FORBIDDEN` before it is sent. */
  readonly readonly?: boolean;
};

/**
 * Asks a daemon's GraphQL API. Connections are kept for the next request until `close`. An error of the
 * daemon is thrown as the `Problem` it was there; nobody answering is `DAEMON_UNREACHABLE`, naming the
 * address. After a timeout a mutation may have happened all the same.
 */
export class DaemonClient {
  readonly address: DaemonAddress;
  readonly #agent: Agent;
  readonly #options: RequestOptions;
  readonly #timeoutMs: number;
  readonly #readonly: boolean;

  constructor({ address, token, timeoutMs = 15_000, readonly = false }: Options) {
    this.address = address;
    this.#timeoutMs = timeoutMs;
    this.#readonly = readonly;
    const tls = address.kind === 'tcp' && address.tls;
    this.#agent = tls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    this.#options = {
      ...(address.kind === 'socket'
        ? { socketPath: address.path }
        : { host: address.host, port: address.port }),
      agent: this.#agent,
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    };
  }

  async request<Variables, Answer>(
    operation: GraphqlOperation<Variables, Answer>,
    variables: NoInfer<Variables>,
  ): Promise<Answer> {
    if (this.#readonly && operation.kind === 'mutation') {
      throw new Problem('FORBIDDEN', operation.field, { more: ' while read-only' });
    }
    const body = JSON.stringify({ query: operation.document, variables });
    const response = this.#parse(await this.#send(body));
    const problem = problemInResponse(response);
    if (problem !== undefined) throw problem;
    const answer = operation.answer.safeParse(response.data?.[operation.field]);
    if (answer.success) return answer.data;
    throw new Problem('INTERNAL', operation.field, {
      more: `the daemon's answer to "${operation.field}" has another shape than this version expects`,
      help: 'Use a tenantctl and a tenantd of the same version.',
      cause: answer.error,
    });
  }

  /** Lets go of the kept connections; requests that are under way still end. */
  close(): void {
    this.#agent.destroy();
  }

  #parse({ status, body }: { status: number; body: string }): GraphqlResponse {
    const parsed = GraphqlResponse.safeParse(jsonOf(body));
    if (parsed.success) return parsed.data;
    const name = nameOfAddress(this.address);
    if (status === 401) throw new Problem('UNAUTHENTICATED', name);
    if (status === 403) throw new Problem('FORBIDDEN', name);
    throw this.#unreachable(`: something else answers there (HTTP ${status})`);
  }

  async #send(body: string): Promise<{ status: number; body: string }> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await this.#open(body, signal);
      return { status: response.statusCode ?? 0, body: await text(response) };
    } catch (error) {
      const late = signal.aborted ? `: no answer within ${this.#timeoutMs / 1000} s` : '';
      throw this.#unreachable(late || whyUnreachable(error), error);
    }
  }

  #open(body: string, signal: AbortSignal): Promise<IncomingMessage> {
    const send = this.#agent instanceof TlsAgent ? tlsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      send({ ...this.#options, signal }, resolve)
        .once('error', reject)
        .end(body);
    });
  }

  #unreachable(more: string, cause?: unknown): Problem {
    return new Problem('DAEMON_UNREACHABLE', nameOfAddress(this.address), { more, cause });
  }
}
