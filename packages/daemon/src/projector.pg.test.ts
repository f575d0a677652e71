import { viewOf } from '@tenantctl/core/application/view-models/tenant-database-view-model';
import { PostgresExclusiveLock } from '@tenantctl/core/infrastructure/postgres/postgres-exclusive-lock';
import { TenantDatabasePostgresReadRepository } from '@tenantctl/core/infrastructure/postgres/tenant-database-postgres-read-repository';
import type { TenantDatabaseReadRepository } from '@tenantctl/core/ports/tenant-database-read-repository';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { openMaster, openTestMaster } from '../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { Projector } from './projector.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

type World = Pick<ReturnType<typeof openMaster>, 'eventLog' | 'pool'> & { readonly url: string };

/** A projector that runs until it is stopped, and the store it writes to. */
function start({ url, eventLog, pool }: World, store?: Partial<TenantDatabaseReadRepository>) {
  const real = new TenantDatabasePostgresReadRepository({ pool });
  const readModel = {
    apply: vi.fn<typeof real.apply>((changes) => real.apply(changes)),
    cursor: vi.fn<typeof real.cursor>(() => real.cursor()),
    saveCursor: vi.fn<typeof real.saveCursor>((seq) => real.saveCursor(seq)),
    ...store,
  };
  const lock = new PostgresExclusiveLock({ url, applicationName: 'test', retryMs: 20 });
  const log = pino({ level: 'silent' });
  const projector = new Projector({ eventLog, readModel, lock, log });
  const stopping = new AbortController();
  const running = projector.run(stopping.signal);
  return {
    projector,
    readModel,
    real,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}

test('the read model follows the records', async () => {
  await using master = await openTestMaster(postgres);
  await using running = start(master);
  const active = await master.activeRecord();
  await eventually(async () => {
    expect(await running.real.findById(active.id)).toEqual(viewOf(active.toPrimitives()));
  });
  active.delete(new Date());
  const deleted = await master.repository.save(active);
  await eventually(async () => expect(await running.real.findById(active.id)).toBeNull());
  deleted.undelete(new Date());
  await master.repository.save(deleted);
  await eventually(async () => expect(await running.real.findById(active.id)).not.toBeNull());
  expect(await running.real.cursor()).toBe(await master.eventLog.head());
  expect(running.projector.status()).toMatchObject({ active: true, problem: undefined });
});

test('a hint brings an event long before the next poll', async () => {
  await using master = await openTestMaster(postgres);
  await using running = start(master);
  await eventually(() => expect(running.projector.status().cursor).toBe(0));
  // Ten rounds by polling alone would take ten seconds.
  const started = performance.now();
  for (let round = 0; round < 10; round += 1) {
    const { id } = await master.activeRecord();
    await eventually(async () => expect(await running.real.findById(id)).not.toBeNull());
  }
  expect(performance.now() - started).toBeLessThan(8_000);
});

test('a batch is written as the last change of each record', async () => {
  await using master = await openTestMaster(postgres);
  let record = await master.activeRecord();
  for (let turn = 0; turn < 50; turn += 1) {
    record.update({ errorMessage: `turn ${turn}`, now: new Date() });
    record = await master.repository.save(record);
  }
  const head = await master.eventLog.head();
  await using running = start(master);
  await eventually(() => expect(running.projector.status().cursor).toBe(head));
  expect(running.readModel.apply).toHaveBeenCalledTimes(1);
  expect(running.readModel.apply).toHaveBeenCalledWith([
    { kind: 'save', view: viewOf(record.toPrimitives()), seq: head },
  ]);
});

test('events that are applied again have no effect', async () => {
  await using master = await openTestMaster(postgres);
  const kept = await master.activeRecord('kept');
  const gone = await master.activeRecord('gone');
  gone.delete(new Date());
  await master.repository.save(gone);
  await master.repository.delete(gone.id);
  // The tenant has another one now; its view must not meet the first one's again.
  const tenant = await master.tenants.find('gone');
  if (tenant === null) throw new Error('no tenant');
  const next = await master.repository.save(await master.newRecord({ tenant }));
  const rows = async () =>
    (await master.pool.query('SELECT * FROM "TenantDatabaseView" ORDER BY "tenantSlug"')).rows;
  const head = await master.eventLog.head();
  {
    await using running = start(master);
    await eventually(() => expect(running.projector.status().cursor).toBe(head));
  }
  const before = await rows();
  expect(before.map(({ id }) => id)).toEqual([next.id, kept.id]);
  for (let cursor = 0; cursor < head; cursor += 1) {
    const replay = new TenantDatabasePostgresReadRepository({ pool: master.pool });
    await replay.saveCursor(cursor);
    await using running = start(master);
    await eventually(() => expect(running.projector.status().cursor).toBe(head));
    expect(await rows()).toEqual(before);
  }
});

test('a store that fails before its cursor is saved is caught up, once it is back', async () => {
  await using master = await openTestMaster(postgres);
  const real = new TenantDatabasePostgresReadRepository({ pool: master.pool });
  let failing = true;
  const saveCursor = vi.fn<typeof real.saveCursor>(async (seq) => {
    if (failing) throw new Error('store away');
    await real.saveCursor(seq);
  });
  await using running = start(master, { saveCursor });
  const active = await master.activeRecord();
  await eventually(() =>
    expect(running.projector.status().problem?.message).toContain('store away'),
  );
  expect(await real.cursor()).toBe(0);
  failing = false;
  const head = await master.eventLog.head();
  await eventually(() =>
    expect(running.projector.status()).toMatchObject({ cursor: head, problem: undefined }),
  );
  expect(await real.findById(active.id)).toEqual(viewOf(active.toPrimitives()));
});

test('one of two daemons projects, and the other takes over', async () => {
  await using master = await openTestMaster(postgres);
  await using other = openMaster(master.url);
  const first = start(master);
  await eventually(() => expect(first.projector.status().active).toBe(true));
  await using second = start({ ...other, url: master.url });
  const { id } = await master.activeRecord();
  await eventually(async () => expect(await first.real.findById(id)).not.toBeNull());
  expect(second.projector.status().active).toBe(false);
  expect(second.readModel.apply).not.toHaveBeenCalled();
  await first[Symbol.asyncDispose]();
  expect(first.projector.status().active).toBe(false);
  const later = await master.activeRecord();
  await eventually(async () => expect(await second.real.findById(later.id)).not.toBeNull());
  expect(second.projector.status().active).toBe(true);
});

test('a projector that is told to stop ends the batch in hand', async () => {
  await using master = await openTestMaster(postgres);
  await master.activeRecord();
  const real = new TenantDatabasePostgresReadRepository({ pool: master.pool });
  const inHand = Promise.withResolvers<void>();
  const apply = vi.fn<typeof real.apply>(async (changes) => {
    await inHand.promise;
    await real.apply(changes);
  });
  const running = start(master, { apply });
  await eventually(() => expect(apply).toHaveBeenCalledTimes(1));
  const stopped = running[Symbol.asyncDispose]();
  inHand.resolve();
  await stopped;
  expect(await real.cursor()).toBe(await master.eventLog.head());
});
