import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem } from '@tenantctl/core/domain/errors';
import type { Ids } from '@tenantctl/core/ports/clock';
import type { Log } from '../log.ts';
import { bearerToken, type Authenticate } from './authentication.ts';
import { browserGuard } from './browser-guard.ts';
import type { graphqlEndpoint } from './graphql-endpoint.ts';
import { refuseUpgrade, replyJson, replyProblem } from './http-reply.ts';
import type { ListenAddress } from './listen-address.ts';
import { readinessWithin, type Readiness } from './readiness.ts';
import type { StreamEndpoint } from './stream-endpoint.ts';

type Needs = {
  readonly address: ListenAddress;
  readonly ids: Ids;
  readonly readiness: () => Promise<Readiness>;
  readonly log: Log;
  readonly authenticate: Authenticate;
  readonly stream: StreamEndpoint;
  readonly graphql: ReturnType<typeof graphqlEndpoint>;
};

/** What answers on which path, behind the guard that keeps browsers out. */
export class Endpoints {
  readonly #needs: Needs;
  readonly #guard: ReturnType<typeof browserGuard>;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#guard = browserGuard(needs.address);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { log, ids } = this.#needs;
    const requestId = ids.uuid();
    response.setHeader('x-request-id', requestId);
    try {
      const refused = this.#guard(request);
      if (refused !== null) return replyProblem(response, 403, refused);
      await this.#route(request, response, requestId);
    } catch (error) {
      log.error({ requestId, err: error }, 'a request failed');
      if (response.headersSent) return void response.destroy();
      const more = `request ${requestId}`;
      replyProblem(
        response,
        500,
        new Problem('INTERNAL', 'tenantd', { more, facts: { requestId } }),
      );
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refused = this.#guard(request);
    if (refused !== null) return refuseUpgrade(socket, 403, refused);
    if (pathOf(request) !== '/events') return refuseUpgrade(socket, 404, unknownPath(request));
    this.#needs.stream.accept(request, socket, head);
  }

  async #route(request: IncomingMessage, response: ServerResponse, requestId: string) {
    switch (`${request.method} ${pathOf(request)}`) {
      case 'POST /graphql':
        return this.#graphql(request, response, requestId);
      case 'GET /healthz':
        return replyJson(response, 200, { status: 'ok' });
      case 'GET /readyz': {
        const readiness = await readinessWithin(this.#needs.readiness);
        const ready = readiness.master;
        return replyJson(response, ready ? 200 : 503, { ready, ...readiness });
      }
      default:
        return replyProblem(response, 404, unknownPath(request));
    }
  }

  async #graphql(request: IncomingMessage, response: ServerResponse, requestId: string) {
    if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
      const more = 'must be application/json';
      return replyProblem(response, 415, new Problem('INVALID_INPUT', 'content-type', { more }));
    }
    const principal = await this.#needs.authenticate(bearerToken(request));
    if (principal === null) {
      return replyProblem(response, 401, new Problem('UNAUTHENTICATED', 'graphql'));
    }
    await this.#needs.graphql(request, response, {
      principal: { ...principal, requestId },
      requestId,
    });
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? url;
}

function unknownPath(request: IncomingMessage): Problem {
  const more = 'is not served here';
  return new Problem('INVALID_INPUT', `${request.method} ${pathOf(request)}`, { more });
}
