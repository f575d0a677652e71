import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Progress } from '@tenantctl/core/wire/stream';
import type { ApiNeeds } from '@tenantctl/daemon/api/api-needs';
import { EventFeed } from '@tenantctl/daemon/api/event-feed';
import type { Readiness } from '@tenantctl/daemon/api/readiness';
import { openApi, type Api } from '@tenantctl/daemon/api/server';
import type { StreamLimits } from '@tenantctl/daemon/api/stream-limits';
import type { EventLog } from '@tenantctl/core/ports/event-log';
import type { FleetSnapshot } from '@tenantctl/core/ports/fleet-snapshot';
import { pino } from 'pino';

type Options = {
  readonly fleet: FleetSnapshot;
  readonly eventLog: EventLog;
  readonly needs?: Partial<ApiNeeds>;
  readonly limits?: Partial<StreamLimits>;
  readonly readiness?: () => Promise<Readiness>;
  /** A daemon that is the next life of another, or its rival, has the same. */
  readonly socket?: string;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** The daemon's API with its feed on a Unix socket of its own, over whatever it is given. */
export interface ApiWorld extends AsyncDisposable {
  readonly api: Api;
  readonly feed: EventFeed;
  readonly socket: string;
  readonly logged: readonly Record<string, unknown>[];
  /** Reports progress as a run would. */
  readonly progress: (progress: Progress) => void;
  /** Sends a GraphQL request; the parsed answer. */
  graphql(query: string, variables?: object): Promise<GraphqlAnswer>;
  http(options: HttpRequest): Promise<HttpAnswer>;
}

export type GraphqlAnswer = {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: {
      readonly code: string;
      readonly subject?: string;
      readonly help?: string;
      readonly facts?: Record<string, unknown>;
    };
  }[];
};

export type HttpRequest = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export async function openApiWorld(options: Options): Promise<ApiWorld> {
  const { fleet, eventLog, limits } = options;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'tenantd-api-'));
  const socket = options.socket ?? path.join(directory, 'run', 'tenantd.sock');
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(JSON.parse(line)) });
  const listeners = new Set<(progress: Progress) => void>();
  const feed = new EventFeed({ eventLog, log });
  const stopping = new AbortController();
  const running = feed.run(stopping.signal);
  const api = await openApi({
    address: { kind: 'unix', path: socket },
    needs: { ...nothing, ...options.needs },
    feed,
    eventLog,
    fleet,
    progress: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    readiness: options.readiness ?? (async () => ({ master: true, eventLag: 0, projectorLag: 0 })),
    daemon: { name: 'test', protected: false, version: '0.0.0' },
    log,
    limits,
  }).catch(async (error: unknown) => {
    stopping.abort();
    await running;
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const http = (sent: HttpRequest) => httpRequest(socket, sent);
  return {
    api,
    feed,
    socket,
    logged,
    progress: (progress) => {
      for (const listener of listeners) listener(progress);
    },
    http,
    graphql: async (query, variables) => {
      const body = JSON.stringify({ query, variables });
      const headers = { 'content-type': 'application/json' };
      const answer = await http({ method: 'POST', path: '/graphql', headers, body });
      return JSON.parse(answer.body) as GraphqlAnswer;
    },
    [Symbol.asyncDispose]: async () => {
      await api.close(0);
      stopping.abort();
      await running;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Answers of a world in which nothing may be asked of the master. */
const noMaster = (): never => {
  throw new Error('this test has no master database');
};
const nothing: ApiNeeds = {
  tenants: { find: noMaster, create: noMaster, search: noMaster },
  databases: { findById: noMaster, findByTenantId: noMaster, save: noMaster },
  readModel: { findByCriteria: noMaster },
  runs: { start: noMaster, find: noMaster, newest: noMaster, items: noMaster },
  migrator: { migrationsOnDisk: noMaster },
  clock: { now: () => new Date() },
  ids: { uuid: randomUUID },
  onWorkQueued: () => undefined,
};

export async function httpRequest(socketPath: string, sent: HttpRequest): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body } = sent;
  return new Promise((resolve, reject) => {
    const out = request(
      { socketPath, path: sent.path, method, headers: { ...headers } },
      (response) => {
        text(response).then(
          (answered) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: answered,
            }),
          reject,
        );
      },
    );
    out.once('error', reject);
    out.end(body);
  });
}
