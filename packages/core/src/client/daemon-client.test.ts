import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { findMigrationRun } from '../wire/migration-run-operations.ts';
import { findTenantDatabase, retryTenantDatabase } from '../wire/tenant-database-operations.ts';
import { DaemonClient } from './daemon-client.ts';

type Request = { readonly headers: Record<string, unknown>; readonly variables: unknown };

/** A server that gives the same answer to everything, and what it was asked. */
async function answering(answer: (listener: Parameters<RequestListener>) => void) {
  const asked: Request[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { variables } = JSON.parse(body) as { variables: unknown };
      asked.push({ headers: { ...request.headers }, variables });
      answer([request, response]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = { kind: 'tcp', host: '127.0.0.1', port, tls: false } as const;
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  return { address, asked, server };
}

const json = (body: unknown, status = 200) =>
  answering(([, response]) => response.writeHead(status).end(JSON.stringify(body)));

function clientOf(options: ConstructorParameters<typeof DaemonClient>[0]) {
  const client = new DaemonClient(options);
  onTestFinished(() => client.close());
  return client;
}

test('sends the variables and the token, and parses the answer into the domain', async () => {
  const at = '2026-03-01T10:00:00.000Z';
  const run = {
    id: randomUUID(),
    number: 3,
    state: 'COMPLETED_WITH_FAILURES',
    targetVersion: 'v',
    migrationCount: 1,
    startedBy: 'jane',
    reason: null,
    startedAt: at,
    endedAt: null,
    counts: { pending: 0, running: 0, done: 1, unchanged: 0, failed: 1, skipped: 0 },
    causes: [
      {
        cause: '23502',
        count: 1,
        sample: { code: 'MIGRATION_FAILED', message: 'no', sqlstate: null, migration: null },
        sampleTenantSlug: 'acme',
      },
    ],
  };
  const { address, asked } = await json({ data: { migrationRunFindById: run } });
  const client = clientOf({ address, token: 'secret' });
  const answer = await client.request(findMigrationRun, { input: { id: '3' } });
  expect(answer).toMatchObject({ state: 'completed-with-failures', startedAt: new Date(at) });
  expect(answer?.causes[0]?.sample).toEqual({ code: 'MIGRATION_FAILED', message: 'no' });
  expect(asked[0]?.variables).toEqual({ input: { id: '3' } });
  expect(asked[0]?.headers['authorization']).toBe('Bearer secret');
});

test("an error of the daemon is the same problem here, with the daemon's own words", async () => {
  const { address } = await json({
    data: null,
    errors: [
      {
        message: 'Tenant database "acme" is being worked on: a run migrates it',
        extensions: { code: 'OPERATION_IN_PROGRESS', help: 'Wait.', facts: { work: 1 } },
      },
    ],
  });
  const asking = clientOf({ address }).request(retryTenantDatabase, {
    input: { tenantId: 'acme' },
  });
  await expect(asking).rejects.toMatchObject({
    name: 'Problem',
    code: 'OPERATION_IN_PROGRESS',
    kind: 'caller',
    message: 'Tenant database "acme" is being worked on: a run migrates it',
    help: 'Wait.',
    facts: { work: 1 },
  });
});

test('a code that this version does not know is kept in the sentence', async () => {
  const { address } = await json({
    errors: [{ message: 'The moon is full', extensions: { code: 'FULL_MOON' } }],
  });
  const asking = clientOf({ address }).request(findTenantDatabase, { input: { tenantId: 'a' } });
  await expect(asking).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining('FULL_MOON: The moon is full'),
  });
});

test('an answer of another shape names the field', async () => {
  const { address } = await json({ data: { tenantDatabaseFindByTenantId: { id: 4 } } });
  const asking = clientOf({ address }).request(findTenantDatabase, { input: { tenantId: 'a' } });
  await expect(asking).rejects.toThrow('tenantDatabaseFindByTenantId');
});

test('a read-only client sends no mutation', async () => {
  const { address, asked } = await json({ data: {} });
  const client = clientOf({ address, readonly: true });
  await expect(
    client.request(retryTenantDatabase, { input: { tenantId: 'a' } }),
  ).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(asked).toEqual([]);
});

test('a socket that is not there is unreachable, by name', async () => {
  const client = clientOf({ address: { kind: 'socket', path: '/nowhere/tenantd.sock' } });
  await expect(
    client.request(findTenantDatabase, { input: { tenantId: 'a' } }),
  ).rejects.toMatchObject({
    code: 'DAEMON_UNREACHABLE',
    message: 'No daemon answers at "unix:/nowhere/tenantd.sock": there is no such socket',
  });
});

test('a daemon that accepts and says nothing is given up', async () => {
  const { address } = await answering(() => undefined);
  const client = clientOf({ address, timeoutMs: 100 });
  await expect(
    client.request(findTenantDatabase, { input: { tenantId: 'a' } }),
  ).rejects.toMatchObject({
    code: 'DAEMON_UNREACHABLE',
    message: expect.stringContaining('no answer within 0.1 s'),
  });
});

test('a web server that is no daemon is told apart from a missing token', async () => {
  const other = await json('hello', 404);
  const asking = clientOf(other).request(findTenantDatabase, { input: { tenantId: 'a' } });
  await expect(asking).rejects.toMatchObject({ code: 'DAEMON_UNREACHABLE' });
  const closed = await json('who are you', 401);
  const knocking = clientOf(closed).request(findTenantDatabase, { input: { tenantId: 'a' } });
  await expect(knocking).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
