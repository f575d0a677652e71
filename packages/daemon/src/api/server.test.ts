import { once } from 'node:events';
import { chmod, link, lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  httpRequest,
  openApiWorld,
  type GraphqlAnswer,
  type HttpRequest,
} from '../../../../test/support/api-world.ts';
import { MemoryFleet } from '../../../../test/support/memory-fleet.ts';
import { StreamClient } from '../../../../test/support/stream-client.ts';

type Options = Partial<Parameters<typeof openApiWorld>[0]>;

async function daemon(options: Options = {}) {
  const fleet = new MemoryFleet();
  const world = await openApiWorld({ fleet, eventLog: fleet, ...options });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return world;
}

async function directory(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'tenantd-socket-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

const json = { 'content-type': 'application/json' };
const asking = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/graphql',
  headers: json,
  body: JSON.stringify({ query: '{ daemonInfo { name role principal } }' }),
  ...more,
});
const problemIn = (body: string) => (JSON.parse(body) as GraphqlAnswer).errors?.[0];

// What is served.

test('a query over the socket is answered, as an admin', async () => {
  const { http } = await daemon();
  const { status, body, headers } = await http(asking());
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    data: { daemonInfo: { name: 'test', role: 'admin', principal: 'unix' } },
  });
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('healthz answers, and readyz says what the daemon reaches', async () => {
  const { http } = await daemon({
    readiness: async () => ({ master: true, eventLag: 3, projectorLag: 7 }),
  });
  expect(await http({ path: '/healthz' })).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  const ready = await http({ path: '/readyz' });
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toEqual({
    ready: true,
    master: true,
    eventLag: 3,
    projectorLag: 7,
  });
});

test.each([
  ['says so', async () => ({ master: false, eventLag: null, projectorLag: null })],
  ['fails', () => Promise.reject(new Error('connect ECONNREFUSED'))],
])('readyz is 503 when the read of the master %s', async (_, readiness) => {
  const { http } = await daemon({ readiness });
  const { status, body } = await http({ path: '/readyz' });
  expect(status).toBe(503);
  expect(JSON.parse(body)).toMatchObject({ ready: false, master: false });
});

test.each([
  ['GET', '/'],
  ['GET', '/graphql'],
  ['GET', '/graphql?query={daemonInfo{name}}'],
  ['OPTIONS', '/graphql'],
  ['POST', '/healthz'],
  ['GET', '/events'],
  ['GET', '/graphiql'],
])('%s %s is not served', async (method, where) => {
  const { http } = await daemon();
  const { status, body, headers } = await http({ method, path: where });
  expect(status).toBe(404);
  expect(problemIn(body)?.extensions.code).toBe('INVALID_INPUT');
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

// Browsers.

test.each([
  ['origin', 'http://localhost'],
  ['origin', 'null'],
  ['referer', 'http://localhost/'],
  ['sec-fetch-site', 'same-origin'],
  ['host', 'evil.example'],
  ['host', 'localhost.evil.example'],
])('a request with %s: %s is refused, whatever it asks for', async (name, value) => {
  const { http } = await daemon();
  const headers = { ...json, [name]: value };
  const requests = [
    asking({ headers }),
    { path: '/healthz', headers },
    { path: '/readyz', headers },
  ];
  for (const refused of await Promise.all(requests.map(http))) {
    expect(refused.status).toBe(403);
    expect(problemIn(refused.body)?.extensions.code).toBe('FORBIDDEN');
    expect(Object.keys(refused.headers).filter((each) => each.startsWith('access-'))).toEqual([]);
  }
});

test.each([
  ['an origin', { origin: 'http://localhost' }, '/events', 403],
  ['a foreign host', { headers: { host: 'evil.example' } }, '/events', 403],
  ['another path', {}, '/graphql', 404],
])('a WebSocket with %s is refused before it opens', async (_, options, where, status) => {
  const { socket } = await daemon();
  const createConnection = () => connect({ path: socket });
  const client = new WebSocket(`ws://localhost${where}`, { createConnection, ...options });
  const [, response] = await once(client, 'unexpected-response');
  expect(response.statusCode).toBe(status);
  client.on('error', () => undefined);
  client.terminate();
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
  'a body of type "%s" is refused: a page can send it without asking first',
  async (type) => {
    const { http } = await daemon();
    const { status, body } = await http(asking({ headers: { 'content-type': type } }));
    expect(status).toBe(415);
    expect(problemIn(body)?.message).toBe('"content-type" must be application/json');
  },
);

// Limits and malformed requests.

test.each([
  ['announced', json],
  ['not announced', { ...json, 'transfer-encoding': 'chunked' }],
])('a body above 64 KiB that was %s is refused', async (_, headers) => {
  const { http } = await daemon();
  const query = `{ daemonInfo { name } } # ${'x'.repeat(64 * 1024)}`;
  const { status, body } = await http(asking({ headers, body: JSON.stringify({ query }) }));
  expect(status).toBe(413);
  expect(problemIn(body)?.extensions.code).toBe('INVALID_INPUT');
  expect((await http(asking())).status).toBe(200);
});

test.each([
  ['no JSON', '{"query":'],
  ['a batch', JSON.stringify([{ query: '{ daemonInfo { name } }' }])],
  ['no query', '{}'],
  ['a number', '5'],
  ['no GraphQL', JSON.stringify({ query: '{ daemonInfo {' })],
  ['an unknown field', JSON.stringify({ query: '{ daemonInfo { password } }' })],
  ['a subscription', JSON.stringify({ query: 'subscription { daemonInfo { name } }' })],
])('a body that is %s is the sender’s fault and says so', async (_, body) => {
  const { http, logged } = await daemon();
  const answer = await http(asking({ body }));
  expect(answer.status).toBeLessThan(500);
  expect(problemIn(answer.body)?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  expect(answer.body).not.toContain('originalError');
  expect(logged.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

test('headers above 16 KiB are refused', async () => {
  const { http } = await daemon();
  const { status } = await http(asking({ headers: { ...json, 'x-long': 'x'.repeat(20_000) } }));
  expect(status).toBe(431);
});

test('what is no problem of the catalogue is masked, with the id under which the log has it', async () => {
  const { http, logged } = await daemon({
    needs: {
      tenants: {
        find: () => Promise.reject(new Error('password=canary at 10.0.0.1')),
        create: () => Promise.reject(new Error()),
        search: () => Promise.reject(new Error()),
      },
    },
  });
  const query = '{ tenantDatabaseFindByTenantId(input: { tenantId: "acme" }) { id } }';
  const { body, headers } = await http(asking({ body: JSON.stringify({ query }) }));
  expect(body).not.toContain('canary');
  const requestId = headers['x-request-id'];
  expect(problemIn(body)?.extensions).toMatchObject({ code: 'INTERNAL', facts: { requestId } });
  const line = logged.find((each) => each['requestId'] === requestId);
  expect(line?.['err']).toMatchObject({ message: 'password=canary at 10.0.0.1' });
});

// The hello.

test('who says no hello is shown out', async () => {
  const { socket } = await daemon({ limits: { helloTimeoutMs: 50 } });
  const client = await StreamClient.connect(socket);
  expect(await client.closed).toBe(1008);
  expect(client.received).toMatchObject([{ type: 'refused', code: 'INVALID_INPUT' }]);
});

test.each([
  ['another protocol', '{"type":"hello","protocol":2}', 'PROTOCOL_MISMATCH'],
  ['no protocol', '{"type":"hello"}', 'INVALID_INPUT'],
  ['a bad cursor', '{"type":"hello","protocol":1,"lastSeq":-1}', 'INVALID_INPUT'],
  ['an ack', '{"type":"ack","seq":1}', 'INVALID_INPUT'],
  ['no JSON', '{"type":', 'INVALID_INPUT'],
  ['null', 'null', 'INVALID_INPUT'],
])('a first message that is %s is refused', async (_, text, code) => {
  const { socket, logged } = await daemon();
  const client = await StreamClient.connect(socket);
  client.socket.send(text);
  expect(await client.closed).toBe(1008);
  expect(client.received).toMatchObject([{ type: 'refused', code }]);
  expect(logged.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

test('a binary hello is refused', async () => {
  const { socket } = await daemon();
  const client = await StreamClient.connect(socket);
  client.socket.send(Buffer.from('{"type":"hello","protocol":1}'));
  expect(await client.closed).toBe(1008);
});

test('a second hello, or anything else that is no ack, ends the session', async () => {
  const { socket } = await daemon();
  const client = await StreamClient.follow(socket);
  await client.first('bookmark');
  client.send({ type: 'hello', protocol: 1 });
  expect(await client.closed).toBe(1008);
  expect(client.received.at(-1)).toMatchObject({ type: 'refused', code: 'INVALID_INPUT' });
});

test('a message above 64 KiB ends the connection', async () => {
  const { socket } = await daemon();
  const client = await StreamClient.connect(socket);
  client.socket.send('x'.repeat(64 * 1024 + 1));
  expect(await client.closed).toBe(1009);
});

test('a stream compresses nothing, even for a client that offers it', async () => {
  const { socket } = await daemon();
  const createConnection = () => connect({ path: socket });
  const client = new WebSocket('ws://localhost/events', {
    createConnection,
    perMessageDeflate: true,
  });
  await once(client, 'open');
  expect(client.extensions).toBe('');
  client.terminate();
});

test('a client beyond the limit is refused, those within it stay', async () => {
  const { socket } = await daemon({ limits: { maxClients: 2 } });
  const first = await StreamClient.follow(socket);
  const second = await StreamClient.follow(socket);
  await second.first('bookmark');
  const third = await StreamClient.follow(socket);
  expect(await third.closed).toBe(1008);
  expect(third.received).toMatchObject([{ type: 'refused', code: 'TOO_MANY_CLIENTS' }]);
  expect(first.socket.readyState).toBe(first.socket.OPEN);
});

// The socket.

test('the socket is 0660 in a directory that it makes, 0750', async () => {
  const { socket } = await daemon();
  expect((await lstat(socket)).mode & 0o777).toBe(0o660);
  expect((await lstat(path.dirname(socket))).mode & 0o777).toBe(0o750);
});

test('a directory that is there keeps its mode', async () => {
  const place = path.join(await directory(), 'there');
  await mkdir(place);
  await chmod(place, 0o700);
  await daemon({ socket: path.join(place, 'tenantd.sock') });
  expect((await lstat(place)).mode & 0o777).toBe(0o700);
});

test('a second daemon on the same socket is refused and names the first', async () => {
  const { socket, http } = await daemon();
  await expect(daemon({ socket })).rejects.toMatchObject({
    code: 'DAEMON_ALREADY_RUNNING',
    message: `A daemon already listens on "unix:${socket}"`,
  });
  expect((await http(asking())).status).toBe(200);
});

test('the socket of a daemon that was killed is taken over', async () => {
  const socket = path.join(await directory(), 'tenantd.sock');
  const dead = createServer();
  dead.listen(socket);
  await once(dead, 'listening');
  // As after SIGKILL: the file stays, nobody listens.
  const kept = `${socket}.kept`;
  await link(socket, kept);
  dead.close();
  await once(dead, 'close');
  await rename(kept, socket);
  expect((await lstat(socket)).isSocket()).toBe(true);
  await daemon({ socket });
  expect((await httpRequest(socket, asking())).status).toBe(200);
});

test.each([
  ['a file that is no socket', 'notes.txt'],
  ['a path that is too long for a socket', `${'x'.repeat(120)}.sock`],
])('%s is refused', async (what, name) => {
  const place = await directory();
  if (what.startsWith('a file')) await writeFile(path.join(place, name), 'keep me');
  await expect(daemon({ socket: path.join(place, name) })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
});

test('a daemon that stops tells its clients, removes its socket and takes no more commands', async () => {
  const world = await daemon();
  const client = await StreamClient.follow(world.socket);
  await client.first('bookmark');
  const silent = await StreamClient.connect(world.socket);
  silent.socket.pause();
  await world.api.close(50);
  expect(await client.closed).toBe(1001);
  await expect(lstat(world.socket)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(world.http(asking())).rejects.toMatchObject({ code: 'ENOENT' });
  await silent.close();
});

test('a command that comes while the daemon stops is refused, the one in hand ends', async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const created: string[] = [];
  const tenants = {
    find: () => Promise.resolve(null),
    search: () => Promise.reject(new Error()),
    create: async ({ slug }: { readonly slug: string }) => {
      asked.resolve();
      await gate.promise;
      created.push(slug);
    },
  };
  const world = await daemon({ needs: { tenants } });
  const query = `mutation {
    first: tenantCreate(input: { slug: "acme" }) { success }
    second: tenantCreate(input: { slug: "globex" }) { success }
  }`;
  const answer = world.http(asking({ body: JSON.stringify({ query }) }));
  await asked.promise;
  const closed = world.api.close();
  gate.resolve();
  expect(problemIn((await answer).body)?.extensions.code).toBe('SHUTTING_DOWN');
  expect(created).toEqual(['acme']);
  await closed;
});
