import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from '../../../../../test/support/eventually.ts';
import { auditOf, openMaster, openTestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import type { FleetEvent } from '../../ports/event-log.ts';
import { appendFacts } from '../prisma/append-facts.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

test('every kind of event is read as it was written', async () => {
  await using master = await openTestMaster(postgres);
  const at = new Date('2026-11-21T10:00:00.123Z');
  const counts = { pending: 3, running: 1, done: 5, unchanged: 0, failed: 1, skipped: 2 };
  const sample = { code: 'MIGRATION_FAILED', message: 'no', sqlstate: '23502' };
  const run: FleetEvent = {
    type: 'MigrationRunUpdatedEvent',
    at,
    run: {
      id: randomUUID(),
      number: 7,
      state: 'running',
      targetVersion: 'v9',
      migrationCount: 9,
      startedBy: 'unix:uid=1000',
      reason: null,
      startedAt: at,
      endedAt: null,
      counts,
      causes: [{ cause: '23502', count: 1, sample, sampleTenantSlug: 'acme' }],
    },
  };
  const record = await master.activeRecord();
  record.update({ errorMessage: 'noted', reason: 'looked at it', now: at });
  const edited = await master.repository.save(record);
  edited.delete(at);
  const database = (await master.repository.save(edited)).toPrimitives();
  await master.prisma.$transaction((tx) => appendFacts(tx, { events: [run] }));
  const events = (await master.events()).map(({ event }) => event);
  expect(events).toEqual([
    expect.objectContaining({ type: 'TenantCreatedEvent' }),
    expect.objectContaining({ type: 'TenantDatabaseCreatedEvent' }),
    expect.objectContaining({ type: 'TenantDatabaseUpdatedEvent', change: 'provisioned' }),
    expect.objectContaining({ change: 'edited', reason: 'looked at it', at }),
    { type: 'TenantDatabaseDeletedEvent', at, database },
    run,
  ]);
});

test('a log is read on from any number, in batches', async () => {
  await using master = await openTestMaster(postgres);
  expect(await master.eventLog.head()).toBe(0);
  for (let nth = 0; nth < 5; nth += 1) await master.newTenant();
  const [first, second, ...rest] = await master.events();
  expect(await master.eventLog.after(0, 2)).toEqual([first, second]);
  expect(await master.eventLog.after(second?.seq ?? 0, 100)).toEqual(rest);
  expect(await master.eventLog.head()).toBe(rest.at(-1)?.seq);
  expect(await master.eventLog.after(await master.eventLog.head(), 100)).toEqual([]);
});

test('the epoch is that of the master, whoever asks', async () => {
  await using one = await openTestMaster(postgres);
  await using same = openMaster(one.url);
  await using other = await openTestMaster(postgres);
  expect(await same.eventLog.epoch()).toBe(await one.eventLog.epoch());
  expect(await other.eventLog.epoch()).not.toBe(await one.eventLog.epoch());
});

test('a commit wakes this process at once and others soon', async () => {
  await using writer = await openTestMaster(postgres);
  await using reader = openMaster(writer.url);
  const [own, others] = [vi.fn<() => void>(), vi.fn<() => void>()];
  writer.eventLog.onHint(own);
  reader.eventLog.onHint(others);
  // The first wake says that the connection listens now.
  await eventually(() => expect(others).toHaveBeenCalledTimes(1));
  const before = own.mock.calls.length;
  await writer.newTenant();
  expect(own.mock.calls.length).toBeGreaterThan(before);
  await eventually(() => expect(others).toHaveBeenCalledTimes(2));
});

test('many commits share a hint', async () => {
  await using writer = await openTestMaster(postgres);
  await using reader = openMaster(writer.url);
  const others = vi.fn<() => void>();
  reader.eventLog.onHint(others);
  await eventually(() => expect(others).toHaveBeenCalledTimes(1));
  for (let nth = 0; nth < 1_000; nth += 1) writer.eventLog.committed();
  await eventually(() => expect(others).toHaveBeenCalledTimes(2));
});

test('whoever stopped listening is not woken', async () => {
  await using master = await openTestMaster(postgres);
  const [stopped, listening] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const stop = master.eventLog.onHint(stopped);
  master.eventLog.onHint(listening);
  stop();
  await master.newTenant();
  expect(listening).toHaveBeenCalled();
  expect(stopped).not.toHaveBeenCalled();
});

test('a listener whose connection is lost listens again, and looks for what it missed', async () => {
  await using writer = await openTestMaster(postgres);
  await using reader = openMaster(writer.url);
  const others = vi.fn<() => void>();
  reader.eventLog.onHint(others);
  await eventually(() => expect(others).toHaveBeenCalledTimes(1));
  const { rowCount } = await writer.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'test:listen' AND datname = current_database()`,
  );
  expect(rowCount).toBe(1);
  await eventually(() => expect(others).toHaveBeenCalledTimes(2));
  await writer.newTenant();
  await eventually(() => expect(others).toHaveBeenCalledTimes(3));
});

test('old events are dropped, the newest never, and the log says from where it is whole', async () => {
  await using master = await openTestMaster(postgres);
  expect(await master.eventLog.oldest()).toBe(0);
  const ages = [5, 4, 9, 3, 2];
  for (const days of ages) {
    await master.newTenant();
    await master.pool.query(
      `UPDATE "OutboxEvent" SET "at" = now() - make_interval(days => $1)
       WHERE "seq" = (SELECT max("seq") FROM "OutboxEvent")`,
      [days],
    );
  }
  const all = await master.events();
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  expect(await master.eventLog.dropBefore(daysAgo(10))).toBe(0);
  expect(await master.eventLog.oldest()).toBe(0);
  // The third is older, but stands behind the second, which is kept.
  expect(await master.eventLog.dropBefore(daysAgo(4.5))).toBe(1);
  expect(await master.eventLog.oldest()).toBe((all[0]?.seq ?? 0) + 1);
  expect(await master.events()).toEqual(all.slice(1));
  const head = await master.eventLog.head();
  expect(await master.eventLog.dropBefore(new Date())).toBe(3);
  expect(await master.events()).toEqual(all.slice(4));
  expect(await master.eventLog.head()).toBe(head);
  expect(await master.eventLog.oldest()).toBe((all[3]?.seq ?? 0) + 1);
});

test('an audit entry without an event wakes nobody in vain and takes no number', async () => {
  await using master = await openTestMaster(postgres);
  const head = await master.eventLog.head();
  const audit = auditOf('tokenRevoke');
  await master.prisma.$transaction((tx) => appendFacts(tx, { audit, events: [] }));
  expect(await master.eventLog.head()).toBe(head);
});
