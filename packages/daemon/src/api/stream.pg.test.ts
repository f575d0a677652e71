import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { PostgresFleetSnapshot } from '@tenantctl/core/infrastructure/postgres/postgres-fleet-snapshot';
import { openApiWorld } from '../../../../test/support/api-world.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { openMaster, openTestMaster } from '../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../test/support/postgres.ts';
import { StreamClient } from '../../../../test/support/stream-client.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

/** A daemon's stream over a master database of its own. */
async function daemon() {
  const master = await openTestMaster(postgres);
  onTestFinished(() => master[Symbol.asyncDispose]());
  const { eventLog, pool } = master;
  const fleet = new PostgresFleetSnapshot({ pool });
  const world = await openApiWorld({ fleet, eventLog });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return { master, world };
}

/** Edits records `rounds` times over, each in a transaction of its own. */
async function write(
  master: ReturnType<typeof openMaster>,
  ids: readonly string[],
  rounds: number,
) {
  for (let round = 0; round < rounds; round += 1) {
    for (const id of ids) {
      const record = await master.repository.findById(id);
      if (record === null) throw new Error(`no record ${id}`);
      record.update({ errorMessage: `round ${round}`, now: new Date() });
      await master.repository.save(record);
    }
  }
}

test('a client sees the records of the master, and each commit after them', async () => {
  const { master, world } = await daemon();
  await master.activeRecord('acme');
  await master.newTenant('globex');
  const client = await StreamClient.follow(world.socket);
  onTestFinished(() => client.close());
  const snapshot = await client.snapshot();
  expect(snapshot.databases).toMatchObject([{ tenantSlug: 'acme', status: 'ACTIVE' }]);
  expect(snapshot.tenants).toMatchObject([{ slug: 'globex', databaseId: null }]);
  expect(snapshot.servers).toMatchObject([{ name: 'default' }]);
  expect(snapshot.seq).toBe(await master.eventLog.head());

  await master.activeRecord('initech');
  await client.first(
    'change',
    ({ change }) => change.kind === 'tenant-database' && change.database.tenantSlug === 'initech',
  );
  expect(client.seqs).toEqual(
    (await master.eventLog.after(snapshot.seq, 99)).map(({ seq }) => seq),
  );
});

test('clients that come and go miss nothing and get nothing twice while many write', async () => {
  const { master, world } = await daemon();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    ids.push((await master.activeRecord(name)).id);
  }
  const first = await StreamClient.follow(world.socket);
  const { seq: start, epoch } = await first.snapshot();
  await first.close();

  const other = openMaster(master.url);
  onTestFinished(() => other[Symbol.asyncDispose]());
  const writers = ids.map((id, index) => write(index % 2 === 0 ? master : other, [id], 25));
  let writing = true;
  const written = Promise.all(writers).finally(() => {
    writing = false;
  });

  const seen: number[] = [];
  let lastSeq = start;
  while (writing || lastSeq < (await master.eventLog.head())) {
    const client = await StreamClient.follow(world.socket, { lastSeq, epoch });
    await eventually(() => expect(client.seqs.length > 3 || !writing).toBe(true));
    if (!writing) await client.first('bookmark');
    await client.close();
    expect(client.all('snapshot')).toEqual([]);
    seen.push(...client.seqs);
    lastSeq = client.seqs.at(-1) ?? lastSeq;
  }
  await written;
  const events = await master.eventLog.after(start, 10_000);
  expect(events).toHaveLength(6 * 25);
  expect(seen).toEqual(events.map(({ seq }) => seq));
});

test('a master that crashes is told, and the stream goes on when it is back', async () => {
  const { master, world } = await daemon();
  const record = await master.activeRecord('acme');
  const client = await StreamClient.follow(world.socket);
  onTestFinished(() => client.close());
  await client.first('bookmark');
  await postgres.kill();
  await client.first('bookmark', ({ degraded }) => degraded !== undefined);
  await postgres.restart();
  await eventually(() => write(master, [record.id], 1));
  await client.changeAt(await master.eventLog.head());
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  await eventually(() => expect(world.feed.degraded).toBeUndefined());
});
