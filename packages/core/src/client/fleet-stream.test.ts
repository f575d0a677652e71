import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../../../../test/support/eventually.ts';
import { ClientMessage, type Hello } from '../wire/stream.ts';
import { type FleetConnection, type FleetMessage, openFleetStream } from './fleet-stream.ts';
import { readFleet } from './read-fleet.ts';

const epoch = randomUUID();
const timing = { retryFromMs: 5, retryToMs: 20 };

type Spoken = { readonly socket: WebSocket; readonly hello: Hello };

/** A daemon's stream that says what the test lets it say; `sessions` are the clients in order. */
async function scripted(answer: (spoken: Spoken) => void = () => undefined) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/events' });
  await new Promise((resolve) => server.once('listening', resolve));
  const sessions: Spoken[] = [];
  const acks: number[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = ClientMessage.parse(JSON.parse(String(data)));
      if (message.type === 'ack') return void acks.push(message.seq);
      sessions.push({ socket, hello: message });
      answer({ socket, hello: message });
    });
  });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: { kind: 'tcp', host: '127.0.0.1', port, tls: false } as const,
    server,
    sessions,
    acks,
  };
}

function follow(options: Omit<Parameters<typeof openFleetStream>[0], 'onMessage'>) {
  const messages: FleetMessage[] = [];
  const connections: FleetConnection[] = [];
  const stream = openFleetStream({
    timing,
    ...options,
    onMessage: (message) => messages.push(message),
    onConnection: (connection) => connections.push(connection),
  });
  onTestFinished(() => stream.close());
  return { messages, connections, stream };
}

const say = (socket: WebSocket, message: unknown) => socket.send(JSON.stringify(message));

function snapshot({ seq = 7, slugs = ['acme'], more = false } = {}) {
  const at = '2026-03-01T10:00:00.000Z';
  const databases = slugs.map((slug) => ({
    id: randomUUID(),
    tenantId: randomUUID(),
    tenantSlug: slug,
    server: 'default',
    databaseName: `tenant_${slug}`,
    readDatabaseName: `tenant_${slug}_read`,
    status: 'ACTIVE',
    schemaVersion: null,
    lastMigrationAt: null,
    errorCode: null,
    errorMessage: null,
    failure: null,
    failedOperation: null,
    work: null,
    revision: 2,
    createdAt: at,
    updatedAt: at,
  }));
  const daemon = {
    name: 'test',
    protected: false,
    version: '0',
    role: 'admin',
    principal: 'socket',
  };
  return {
    type: 'snapshot',
    epoch,
    seq,
    daemon,
    databases,
    tenants: [],
    servers: [],
    run: null,
    more,
  };
}

const bookmark = (seq: number) => ({ type: 'bookmark', seq, at: new Date().toISOString() });

test('the chunks of a snapshot come as one, with dates as dates', async () => {
  const { address } = await scripted(({ socket }) => {
    say(socket, snapshot({ slugs: ['a', 'b'], more: true }));
    say(socket, snapshot({ slugs: ['c'] }));
  });
  const { messages, connections } = follow({ address });
  await eventually(() => expect(messages).toHaveLength(1));
  const [message] = messages;
  if (message?.type !== 'snapshot') throw new Error('no snapshot');
  expect(message.databases.map((database) => database.tenantSlug)).toEqual(['a', 'b', 'c']);
  expect(message.databases[0]?.createdAt).toBeInstanceOf(Date);
  expect(message.more).toBe(false);
  expect(connections.map(({ state }) => state)).toEqual(['connecting', 'live']);
});

test('after a lost connection it asks for what came after the last thing it saw', async () => {
  const { address, sessions } = await scripted(({ socket, hello }) => {
    if (hello.lastSeq === undefined) say(socket, snapshot({ seq: 7 }));
    say(socket, bookmark(9));
  });
  const { messages, connections } = follow({ address, tenants: [epoch], token: 't' });
  await eventually(() => expect(messages).toHaveLength(2));
  sessions[0]?.socket.terminate();
  await eventually(() => expect(sessions).toHaveLength(2));
  expect(sessions[0]?.hello).toEqual({ type: 'hello', protocol: 1, token: 't', tenants: [epoch] });
  expect(sessions[1]?.hello).toMatchObject({ epoch, lastSeq: 9, tenants: [epoch], token: 't' });
  await eventually(() => expect(connections.at(-1)?.state).toBe('live'));
  expect(connections.map(({ state }) => state)).toEqual(['connecting', 'live', 'lost', 'live']);
});

test('half a snapshot is forgotten when the connection breaks in it', async () => {
  let times = 0;
  const { address } = await scripted(({ socket, hello }) => {
    expect(hello.lastSeq).toBeUndefined();
    times += 1;
    say(socket, snapshot({ slugs: ['a'], more: true }));
    if (times === 1) socket.close();
    else say(socket, snapshot({ slugs: ['b'] }));
  });
  const { messages, connections } = follow({ address });
  await eventually(() => expect(messages).toHaveLength(1));
  const [message] = messages;
  expect(message?.type === 'snapshot' && message.databases).toHaveLength(2);
  expect(connections.map(({ state }) => state)).toEqual(['connecting', 'lost', 'live']);
});

test('a resync forgets the cursor', async () => {
  const { address, sessions } = await scripted(({ socket }) => {
    say(socket, snapshot());
    say(socket, { type: 'resync', reason: 'too far behind' });
    socket.close();
  });
  follow({ address });
  await eventually(() => expect(sessions.length).toBeGreaterThan(1));
  expect(sessions[1]?.hello.lastSeq).toBeUndefined();
});

test('it acknowledges what it has seen', async () => {
  const { address, acks } = await scripted(({ socket }) => {
    say(socket, snapshot({ seq: 7 }));
    say(socket, bookmark(12));
  });
  follow({ address, timing: { ...timing, ackEveryMs: 10 } });
  await eventually(() => expect(acks).toContain(12));
});

test('a daemon that falls silent is taken for lost', async () => {
  const { address, sessions } = await scripted(({ socket }) => say(socket, snapshot()));
  const { connections } = follow({ address, timing: { ...timing, silenceMs: 50 } });
  await eventually(() => expect(sessions.length).toBeGreaterThan(1));
  const lost = connections.find((connection) => connection.state === 'lost');
  expect(lost).toMatchObject({ error: { code: 'DAEMON_UNREACHABLE' } });
});

test('a refusal is told in the words of the daemon', async () => {
  const { address } = await scripted(({ socket }) => {
    say(socket, { type: 'refused', code: 'FORBIDDEN', message: 'Who are you?' });
    socket.close();
  });
  const { connections } = follow({ address });
  await eventually(() => expect(connections.at(-1)?.state).toBe('lost'));
  expect(connections.at(-1)).toMatchObject({
    error: { code: 'FORBIDDEN', message: 'Who are you?' },
  });
  await expect(readFleet({ address })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('a message of an unknown type is left out, a broken one ends the connection', async () => {
  const { address, sessions } = await scripted(({ socket }) => {
    say(socket, { type: 'weather', sky: 'blue' });
    say(socket, snapshot());
    say(socket, { type: 'bookmark', seq: 'nine' });
  });
  const { messages, connections } = follow({ address });
  await eventually(() => expect(connections.at(-1)?.state).toBe('lost'));
  expect(messages[0]?.type).toBe('snapshot');
  expect(connections.at(-1)).toMatchObject({ error: { code: 'INTERNAL' } });
  await eventually(() => expect(sessions.length).toBeGreaterThan(1));
  expect(sessions[1]?.hello.lastSeq).toBeUndefined();
});

test('while nobody listens it says so since when, and goes on trying until it is closed', async () => {
  const { address, server } = await scripted();
  server.close();
  const { connections, stream } = follow({ address });
  await eventually(() => expect(connections.length).toBeGreaterThan(3));
  const [, first, second] = connections;
  expect(first?.state).toBe('lost');
  expect(second?.since).toBe(first?.since);
  stream.close();
});

test('closing by signal ends the connection', async () => {
  const { address, server } = await scripted(({ socket }) => say(socket, snapshot()));
  const abort = new AbortController();
  const { messages } = follow({ address, signal: abort.signal });
  await eventually(() => expect(messages).toHaveLength(1));
  abort.abort();
  await eventually(() => expect(server.clients.size).toBe(0));
});

test('the fleet at once is the first snapshot', async () => {
  const { address, server } = await scripted(({ socket }) => say(socket, snapshot()));
  expect((await readFleet({ address })).databases).toHaveLength(1);
  await eventually(() => expect(server.clients.size).toBe(0));
});
