import { expect, onTestFinished, test } from 'vitest';
import { openApiWorld } from '../../../../test/support/api-world.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { MemoryFleet } from '../../../../test/support/memory-fleet.ts';
import { StreamClient } from '../../../../test/support/stream-client.ts';
import { streamLimits, type StreamLimits } from './stream-limits.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A fleet of `size`, its daemon, and a client that has stopped reading after the snapshot. */
async function stoppedReader(size: number, limits: Partial<StreamLimits> = {}) {
  const fleet = new MemoryFleet();
  const databases = range(size).map((index) => fleet.add(`tenant-${index}`));
  const world = await openApiWorld({ fleet, eventLog: fleet, limits });
  onTestFinished(() => world[Symbol.asyncDispose]());
  const client = await StreamClient.follow(world.socket);
  onTestFinished(() => client.close());
  await client.first('bookmark');
  client.socket.pause();

  /** Changes every database `rounds` times and waits until the feed has read it all. */
  const churn = async (rounds: number) => {
    for (const _ of range(rounds)) {
      for (const { id } of databases) fleet.edit(id);
      await eventually(async () => expect(world.feed.seq).toBe(await fleet.head()));
    }
  };
  return { fleet, databases, world, client, churn };
}

test('a reader that stops gets the newest change of each database when it goes on', async () => {
  const { fleet, databases, client, churn } = await stoppedReader(40, { slowAfterMs: 20 });
  await churn(60);
  client.socket.resume();
  const head = await fleet.head();
  await client.changeAt(head);

  expect(client.all('resync')).toEqual([]);
  expect(client.seqs).toEqual(client.seqs.toSorted((one, other) => one - other));
  expect(new Set(client.seqs).size).toBe(client.seqs.length);
  expect(client.seqs.length).toBeLessThan(2_000);
  const latest = new Map<string, number>();
  for (const { change } of client.all('change')) {
    if (change.kind === 'tenant-database') latest.set(change.database.id, change.database.revision);
  }
  expect([...latest.values()]).toEqual(databases.map(() => 61));
});

test('nobody waits for a reader that stops, and hardly anything is kept for it', async () => {
  const { world, client, churn, fleet } = await stoppedReader(100, { slowAfterMs: 20 });
  const other = await StreamClient.follow(world.socket);
  onTestFinished(() => other.close());
  await other.first('bookmark');
  await churn(60);
  const head = await fleet.head();
  await other.changeAt(head);
  expect(other.seqs).toEqual(range(6_000).map((index) => index + 101));

  client.socket.resume();
  await client.changeAt(head);
  // Its buffer (256 KiB), the kernel's, and one change of each database.
  const bytes = JSON.stringify(client.all('change')).length;
  expect(bytes).toBeLessThan(2 * 1024 * 1024);
  expect(JSON.stringify(other.all('change')).length).toBeGreaterThan(2 * bytes);
});

test('a reader for whom too much would be folded starts over when it goes on', async () => {
  const { fleet, databases, client, churn } = await stoppedReader(600, {
    slowAfterMs: 20,
    maxFolded: 300,
  });
  await churn(4);
  client.socket.resume();
  const { reason } = await client.first('resync');
  expect(reason).toBe('more than 300 records changed and were not read');
  const head = await fleet.head();
  await client.first('snapshot', ({ seq, more }) => seq === head && !more);
  fleet.edit(databases[0]?.id ?? '');
  await client.changeAt(head + 1);
});

test('a client that acknowledges nothing starts over', async () => {
  const limits = { ackTimeoutMs: 100, bookmarkMs: 20 };
  const { client } = await stoppedReader(1, limits);
  client.socket.resume();
  expect(await client.first('resync')).toMatchObject({
    reason: 'nothing was acknowledged for 0.1 s',
  });
});

test('a client that acknowledges does not', async () => {
  const { fleet, databases, client } = await stoppedReader(1, {
    ackTimeoutMs: 150,
    bookmarkMs: 20,
  });
  client.socket.resume();
  client.socket.on('message', () => client.ack(client.seqs.at(-1) ?? 1));
  for (const _ of range(20)) {
    const { revision } = fleet.edit(databases[0]?.id ?? '');
    await client.changeAt(revision);
    await client.first('bookmark', ({ seq }) => seq === revision);
  }
  expect(client.all('resync')).toEqual([]);
});

test('a healthy reader gets every change of every burst, however much it is at once', async () => {
  const { fleet, databases, client } = await stoppedReader(10);
  client.socket.resume();
  const started = performance.now();
  // For longer than a reader may stay behind before it counts as slow.
  while (performance.now() - started < 1.5 * streamLimits.slowAfterMs) {
    for (const _ of range(150)) for (const { id } of databases) fleet.edit(id);
    await client.changeAt(await fleet.head());
  }
  const head = await fleet.head();
  expect(client.seqs).toEqual(range(head - 10).map((index) => index + 11));
});

test('the limits are those that the design names', () => {
  expect(streamLimits).toMatchObject({
    helloTimeoutMs: 5_000,
    bookmarkMs: 5_000,
    highWaterBytes: 262_144,
    maxFolded: 5_000,
    ackTimeoutMs: 30_000,
    maxMessageBytes: 65_536,
  });
});
