import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Hello, Progress } from '@tenantctl/core/wire/stream';
import { openApiWorld, type ApiWorld } from '../../../../test/support/api-world.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { MemoryFleet } from '../../../../test/support/memory-fleet.ts';
import { StreamClient } from '../../../../test/support/stream-client.ts';
import type { StreamLimits } from './stream-limits.ts';

/** A daemon over a fleet of these databases. */
async function daemonOver(slugs: readonly string[], limits: Partial<StreamLimits> = {}) {
  const fleet = new MemoryFleet();
  const databases = slugs.map((slug) => fleet.add(slug));
  const world = await openApiWorld({ fleet, eventLog: fleet, limits });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return { fleet, databases, world, head: () => fleet.head() };
}

async function following({ socket }: ApiWorld, hello: Partial<Hello> = {}): Promise<StreamClient> {
  const client = await StreamClient.follow(socket, hello);
  onTestFinished(() => client.close());
  return client;
}

const slugs = (count: number) => Array.from({ length: count }, (_, index) => `tenant-${index}`);
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a new client gets the fleet, then that it is up to date, then every change', async () => {
  const { fleet, databases, world } = await daemonOver(['acme', 'globex']);
  const client = await following(world);

  const snapshot = await client.snapshot();
  expect(snapshot).toMatchObject({ seq: 2, epoch: await fleet.epoch() });
  expect(snapshot.databases.map(({ tenantSlug }) => tenantSlug)).toEqual(['acme', 'globex']);
  expect(snapshot.daemon).toEqual({
    name: 'test',
    protected: false,
    version: '0.0.0',
    role: 'admin',
    principal: 'unix',
  });
  expect(await client.first('bookmark')).toMatchObject({ seq: 2 });

  const { revision } = fleet.edit(databases[0]?.id ?? '', { status: 'SUSPENDED' });
  expect(await client.changeAt(3)).toMatchObject({
    seq: 3,
    change: {
      kind: 'tenant-database',
      change: 'edited',
      database: { tenantSlug: 'acme', status: 'SUSPENDED', revision },
    },
  });
});

test('what happens while a snapshot is taken follows it, once and in order', async () => {
  const { fleet, databases, world } = await daemonOver(slugs(20));
  fleet.beforeSnapshotAnswers = async () => {
    for (const { id } of databases) fleet.edit(id);
    await eventually(() => expect(world.feed.seq).toBe(40));
  };
  const client = await following(world);
  await client.changeAt(40);
  expect((await client.snapshot()).seq).toBe(20);
  expect(client.seqs).toEqual(range(21, 40));
});

test('a snapshot that is newer than what the feed has read is not told again', async () => {
  const { fleet, databases, world } = await daemonOver(['acme']);
  await eventually(() => expect(world.feed.epoch).toBeDefined());
  const read = fleet.after.bind(fleet);
  const gate = Promise.withResolvers<void>();
  fleet.after = async (...args) => gate.promise.then(() => read(...args));
  fleet.edit(databases[0]?.id ?? '');
  const client = await following(world);
  expect((await client.snapshot()).seq).toBe(2);
  gate.resolve();
  await eventually(() => expect(world.feed.seq).toBe(2));
  fleet.edit(databases[0]?.id ?? '');
  await client.changeAt(3);
  expect(client.seqs).toEqual([3]);
});

test('a fleet of 2,000 comes in chunks that are small, in less than a second', async () => {
  const { world } = await daemonOver(slugs(2_000));
  await eventually(() => expect(world.feed.seq).toBe(2_000));
  const client = await StreamClient.connect(world.socket);
  onTestFinished(() => client.close());
  const sizes: number[] = [];
  client.socket.on('message', (data) => sizes.push(String(data).length));
  const started = performance.now();
  client.send({ type: 'hello', protocol: 1 });
  const snapshot = await client.snapshot();
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(new Set(snapshot.databases.map(({ id }) => id)).size).toBe(2_000);
  expect(Math.max(...sizes)).toBeLessThan(300_000);
  expect(Math.max(...client.all('snapshot').map((chunk) => chunk.databases.length))).toBeLessThan(
    501,
  );
});

test('an empty fleet is one chunk', async () => {
  const { world } = await daemonOver([]);
  const client = await following(world);
  await client.snapshot();
  expect(client.all('snapshot')).toHaveLength(1);
});

test('a client that comes back gets what it missed once, while changes go on', async () => {
  const { fleet, databases, world } = await daemonOver(slugs(50));
  const epoch = await fleet.epoch();
  const seen: number[] = [];
  let lastSeq = 50;
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 200; round += 1) {
      fleet.edit(databases[round % 50]?.id ?? '');
      if (round % 17 === 0) fleet.skipNumber();
      await new Promise((resolve) => setImmediate(resolve));
    }
    writing = false;
  })();
  await eventually(() => expect(world.feed.epoch).toBe(epoch));
  while (writing || lastSeq < (await fleet.head())) {
    const client = await following(world, { lastSeq, epoch });
    await client.changeAt(Math.min(lastSeq + 7, await fleet.head()));
    await client.close();
    expect(client.all('snapshot')).toEqual([]);
    seen.push(...client.seqs);
    lastSeq = client.seqs.at(-1) ?? lastSeq;
  }
  await writer;
  const written = (await fleet.after(50, 1_000)).map(({ seq }) => seq);
  expect(seen).toEqual(written);
});

test('a client that missed what this daemon never read gets it from the log', async () => {
  const fleet = new MemoryFleet();
  const [first] = slugs(1_200).map((slug) => fleet.add(slug));
  const world = await openApiWorld({ fleet, eventLog: fleet });
  onTestFinished(() => world[Symbol.asyncDispose]());
  await eventually(() => expect(world.feed.seq).toBe(1_200));
  const client = await following(world, { lastSeq: 3, epoch: await fleet.epoch() });
  await client.changeAt(1_200);
  fleet.edit(first?.id ?? '');
  await client.changeAt(1_201);
  expect(client.seqs).toEqual(range(4, 1_201));
  expect(client.all('snapshot')).toEqual([]);
});

test('a client that is a daemon ahead is not from the future', async () => {
  const { fleet, databases, world } = await daemonOver(['acme']);
  await eventually(() => expect(world.feed.epoch).toBeDefined());
  const read = fleet.after.bind(fleet);
  const gate = Promise.withResolvers<void>();
  fleet.after = async (...args) => gate.promise.then(() => read(...args));
  fleet.edit(databases[0]?.id ?? '');
  const client = await following(world, { lastSeq: 2, epoch: await fleet.epoch() });
  await client.first('bookmark', ({ seq }) => seq === 2);
  gate.resolve();
  fleet.edit(databases[0]?.id ?? '');
  await client.changeAt(3);
  expect(client.seqs).toEqual([3]);
  expect(client.all('snapshot')).toEqual([]);
});

test.each([
  ['the future', async (fleet: MemoryFleet) => ({ lastSeq: 99, epoch: await fleet.epoch() })],
  ['another epoch', async () => ({ lastSeq: 1, epoch: randomUUID() })],
  ['no epoch at all', async () => ({ lastSeq: 1 })],
  [
    'before what is kept',
    async (fleet: MemoryFleet) => {
      fleet.dropUpTo(2);
      return { lastSeq: 1, epoch: await fleet.epoch() };
    },
  ],
])('a cursor from %s gets a snapshot', async (_, helloFor) => {
  const { fleet, world } = await daemonOver(slugs(4));
  await eventually(() => expect(world.feed.seq).toBe(4));
  const client = await following(world, await helloFor(fleet));
  expect((await client.snapshot()).seq).toBe(4);
  expect(client.seqs).toEqual([]);
});

test('who missed more than 5,000 changes gets a snapshot', async () => {
  const { fleet, databases, world } = await daemonOver(['acme']);
  for (const _ of range(1, 5_001)) fleet.edit(databases[0]?.id ?? '');
  const epoch = await fleet.epoch();
  await eventually(() => expect(world.feed.seq).toBe(5_002));
  const near = await following(world, { lastSeq: 3, epoch });
  await near.changeAt(5_002);
  expect(near.seqs).toEqual(range(4, 5_002));
  for (const _ of range(1, 2_000)) fleet.edit(databases[0]?.id ?? '');
  await eventually(() => expect(world.feed.seq).toBe(7_002));
  const far = await following(world, { lastSeq: 3, epoch });
  expect((await far.snapshot()).seq).toBe(7_002);
});

test('a client that names tenants gets those and no others', async () => {
  const { fleet, databases, world } = await daemonOver(['acme', 'globex']);
  const [acme, globex] = databases;
  const client = await following(world, { tenants: [globex?.tenantId ?? ''] });
  const { databases: sent } = await client.snapshot();
  expect(sent.map(({ tenantSlug }) => tenantSlug)).toEqual(['globex']);
  fleet.edit(acme?.id ?? '');
  fleet.edit(globex?.id ?? '');
  await client.changeAt(4);
  expect(client.seqs).toEqual([4]);
});

test('bookmarks say that the daemon lives and how far the client is, others’ changes included', async () => {
  const { fleet, databases, world } = await daemonOver(['acme', 'globex'], { bookmarkMs: 30 });
  const client = await following(world, { tenants: [databases[1]?.tenantId ?? ''] });
  await client.snapshot();
  fleet.edit(databases[0]?.id ?? '');
  await client.first('bookmark', ({ seq }) => seq === 3);
  expect(client.seqs).toEqual([]);
});

test('a master that goes away is told and forgiven; nothing is lost', async () => {
  const { fleet, databases, world } = await daemonOver(['acme']);
  const client = await following(world);
  await client.first('bookmark');
  fleet.goAway();
  fleet.edit(databases[0]?.id ?? '');
  const { degraded } = await client.first(
    'bookmark',
    (bookmark) => bookmark.degraded !== undefined,
  );
  expect(degraded).toBe('The master database cannot be reached');
  fleet.comeBack();
  await client.changeAt(2);
  await eventually(() => expect(client.all('bookmark').at(-1)?.degraded).toBeUndefined());
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('a client that comes while the master is away waits for it', async () => {
  const { fleet, world } = await daemonOver(['acme']);
  await eventually(() => expect(world.feed.epoch).toBeDefined());
  fleet.goAway();
  await eventually(() => expect(world.feed.degraded).toBeDefined());
  const client = await following(world, {});
  fleet.comeBack();
  expect((await client.snapshot()).seq).toBe(1);
});

test('when history is replaced every client starts over', async () => {
  const { fleet, world } = await daemonOver(['acme']);
  const client = await following(world);
  await client.first('bookmark');
  const before = await fleet.epoch();
  fleet.goAway();
  await client.first('bookmark', ({ degraded }) => degraded !== undefined);
  fleet.restore();
  fleet.comeBack();
  expect(await client.first('resync')).toEqual({
    type: 'resync',
    reason: 'the event history was replaced',
  });
  const after = await client.first('snapshot', ({ epoch }) => epoch !== before);
  expect(after).toMatchObject({ seq: 1_000, epoch: await fleet.epoch() });
});

test('when events were dropped before the daemon read them every client starts over', async () => {
  const { fleet, databases, world } = await daemonOver(['acme']);
  const client = await following(world);
  await client.first('bookmark');
  fleet.goAway();
  await client.first('bookmark', ({ degraded }) => degraded !== undefined);
  for (const _ of range(1, 4)) fleet.edit(databases[0]?.id ?? '');
  fleet.dropUpTo(4);
  fleet.comeBack();
  await client.first('snapshot', ({ seq }) => seq === 5);
  expect(client.all('resync')).toMatchObject([{ reason: 'too many changes were missed' }]);
  expect(client.seqs).toEqual([]);
});

test('clients who ask at the same time share one snapshot', async () => {
  const { fleet, world } = await daemonOver(slugs(5));
  const gate = Promise.withResolvers<void>();
  fleet.beforeSnapshotAnswers = () => gate.promise;
  const clients = await Promise.all(range(1, 8).map(() => following(world)));
  await eventually(() => expect(world.api.clients()).toBe(8));
  gate.resolve();
  await Promise.all(clients.map((client) => client.snapshot()));
  expect(fleet.snapshotsTaken).toBeLessThan(8);
});

test('of progress the latest comes, at most four times a second', async () => {
  const { world } = await daemonOver(['acme']);
  const client = await following(world);
  await client.first('bookmark');
  const started = performance.now();
  for (const rate of range(1, 100)) {
    world.progress(progressAt(rate));
    if (rate % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.first('progress', ({ ratePerSecond }) => ratePerSecond === 100);
  const seconds = (performance.now() - started) / 1_000;
  expect(client.all('progress').length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1);
});

function progressAt(ratePerSecond: number): Progress {
  const counts = { pending: 1, running: 0, done: 0, unchanged: 0, failed: 0, skipped: 0 };
  return {
    type: 'progress',
    run: {
      id: randomUUID(),
      number: 1,
      state: 'running',
      targetVersion: '20250101000000_init',
      migrationCount: 1,
      startedBy: 'unix',
      reason: null,
      startedAt: new Date(),
      endedAt: null,
      counts,
      causes: [],
    },
    ratePerSecond,
    etaSeconds: null,
    inFlight: [],
  };
}
