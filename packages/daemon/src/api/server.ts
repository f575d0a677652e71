import { createServer, type Server } from 'node:http';
import { Problem } from '@tenantctl/core/domain/errors';
import type { EventLog } from '@tenantctl/core/ports/event-log';
import type { FleetSnapshot } from '@tenantctl/core/ports/fleet-snapshot';
import type { Principal } from '@tenantctl/core/ports/tenant-database-write-repository';
import type { DaemonInfo } from '@tenantctl/core/wire/stream';
import type { Log } from '../log.ts';
import type { ApiNeeds } from './api-needs.ts';
import { defaultAuthenticate, type Authenticate } from './authentication.ts';
import { Endpoints } from './endpoints.ts';
import type { EventFeed } from './event-feed.ts';
import { graphqlEndpoint } from './graphql-endpoint.ts';
import { printListenAddress, type ListenAddress } from './listen-address.ts';
import { ProgressRelay, type ProgressSource } from './progress-relay.ts';
import type { Readiness } from './readiness.ts';
import { SharedSnapshots } from './shared-snapshots.ts';
import { StreamEndpoint } from './stream-endpoint.ts';
import { streamLimits, type StreamLimits } from './stream-limits.ts';
import { listenOnUnixSocket } from './unix-socket.ts';

const MAX_BODY_BYTES = 64 * 1024;
const httpLimits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** How often the two above are looked at. */
  connectionsCheckingInterval: 2_000,
};
const MAX_CONNECTIONS = 512;

export type ApiOptions = {
  readonly address: ListenAddress;
  readonly needs: ApiNeeds;
  readonly feed: EventFeed;
  readonly eventLog: EventLog;
  readonly fleet: FleetSnapshot;
  readonly progress: ProgressSource;
  readonly readiness: () => Promise<Readiness>;
  readonly daemon: Pick<DaemonInfo, 'name' | 'protected' | 'version'>;
  readonly log: Log;
  /** Without it a Unix socket's clients are admins and TCP's are nobody. */
  readonly authenticate?: Authenticate | undefined;
  readonly limits?: Partial<StreamLimits> | undefined;
};

/** The daemon's API, listening. */
export type Api = {
  /** As it is typed after `--daemon`. */
  readonly address: string;
  /** Clients of the stream. */
  readonly clients: () => number;
  /**
   * Takes no more commands and connections, tells the stream's clients to go (1001), lets requests in hand
   * end, and cuts what is left after `graceMs`. The socket's file is gone when it resolves.
   */
  readonly close: (graceMs?: number) => Promise<void>;
};

/**
 * Opens `POST /graphql`, `GET /events`, `/healthz` and `/readyz` on one listener. Throws
 * `DAEMON_ALREADY_RUNNING` and `CONFIG_INVALID` (unix-socket.ts).
 */
export async function openApi(options: ApiOptions): Promise<Api> {
  const { address } = options;
  let closing = false;
  const { endpoints, stream, progress } = endpointsOf(options, () => closing);
  const server = createServer(httpLimits, (request, response) => {
    void endpoints.answer(request, response);
  });
  server.on('upgrade', (request, socket, head) => endpoints.upgrade(request, socket, head));
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await listen(server, address);
  } catch (error) {
    progress.close();
    throw error;
  }
  server.on('error', (error) => options.log.error({ err: error }, 'the listener failed'));
  return {
    address: printListenAddress(address),
    clients: () => stream.clients,
    close: async (graceMs = 5_000) => {
      closing = true;
      await drain(server, stream, graceMs);
      progress.close();
    },
  };
}

function endpointsOf(options: ApiOptions, isClosing: () => boolean) {
  const { needs, log, fleet } = options;
  const authenticate = options.authenticate ?? defaultAuthenticate(options.address);
  const daemonInfo = ({ name, role }: Principal) => ({ ...options.daemon, role, principal: name });
  const progress = new ProgressRelay(options.progress);
  const stream = new StreamEndpoint({
    feed: options.feed,
    eventLog: options.eventLog,
    snapshots: new SharedSnapshots(fleet),
    progress,
    clock: needs.clock,
    log,
    limits: { ...streamLimits, ...options.limits },
    authenticate,
    daemonInfo,
  });
  const graphql = graphqlEndpoint({
    needs,
    daemonInfo,
    isClosing,
    log,
    maxBodyBytes: MAX_BODY_BYTES,
  });
  const { address, readiness } = options;
  const { ids } = needs;
  const endpoints = new Endpoints({ address, readiness, ids, log, authenticate, stream, graphql });
  return { endpoints, stream, progress };
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === 'unix') return listenOnUnixSocket(server, address.path);
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const name = printListenAddress(address);
      reject(taken ? new Problem('DAEMON_ALREADY_RUNNING', name, { cause: error }) : error);
    });
    server.listen({ host, port }, resolve);
  });
}

async function drain(server: Server, stream: StreamEndpoint, graceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  stream.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    stream.terminate();
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
