import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Tenant } from '../../domain/tenant.ts';
import type { FleetEvent } from '../../ports/event-log.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { auditOf, openTestMaster, type TestMaster } from '../../../../../test/support/master.ts';
import { startTestPostgres, type TestPostgres } from '../../../../../test/support/postgres.ts';
import { appendFacts } from './append-facts.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

function tenantCreated(): FleetEvent {
  const at = new Date();
  const id = randomUUID();
  const tenant = Tenant.parse({ id, slug: 'acme', name: 'Acme', tags: {}, createdAt: at });
  return { type: 'TenantCreatedEvent', at, tenant };
}

const append = (master: TestMaster, command: string, events: readonly FleetEvent[] = []) =>
  master.prisma.$transaction((tx) => appendFacts(tx, { audit: auditOf(command), events }));

const firstBroken = async (master: TestMaster) =>
  (await master.pool.query('SELECT first_broken_audit_entry() AS seq')).rows[0]?.seq;

test('a reader that asks for what is after its cursor misses nothing of 16 writers', async () => {
  await using master = await openTestMaster(postgres);
  const committed: string[] = [];
  const writer = async (_: unknown, nth: number) => {
    for (let turn = 0; turn < 40; turn += 1) {
      const event = tenantCreated();
      const rollsBack = (nth + turn) % 20 === 0;
      const isSlow = (nth + turn) % 10 === 3;
      await master.prisma
        .$transaction(async (tx) => {
          await appendFacts(tx, { events: [event] });
          // The number is taken; others commit meanwhile, if nothing holds them back.
          if (isSlow) await sleep(15);
          if (rollsBack) throw new Error('rolled back');
        })
        .then(() => committed.push('tenant' in event ? event.tenant.id : ''))
        .catch((error: unknown) => {
          if (!rollsBack) throw error;
        });
    }
  };
  const seen: { seq: number; id: string }[] = [];
  let cursor = 0;
  const readOn = async () => {
    for (const { seq, event } of await master.eventLog.after(cursor, 50)) {
      seen.push({ seq, id: 'tenant' in event ? event.tenant.id : '' });
      cursor = seq;
    }
  };
  let writing = true;
  const reading = (async () => {
    while (writing) await readOn();
  })();
  await Promise.all(Array.from({ length: 16 }, writer));
  writing = false;
  await reading;
  await eventually(async () => {
    await readOn();
    expect(seen.length).toBeGreaterThanOrEqual(committed.length);
  });
  expect(committed).toHaveLength(16 * 38);
  expect(seen.map(({ id }) => id).toSorted()).toEqual(committed.toSorted());
  const numbers = seen.map(({ seq }) => seq);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

test('the events of one command are numbered in their order', async () => {
  await using master = await openTestMaster(postgres);
  const events = Array.from({ length: 200 }, tenantCreated);
  await append(master, 'many', events);
  expect((await master.events()).map(({ event }) => event)).toEqual(events);
});

test('nothing to write takes no lock', async () => {
  await using master = await openTestMaster(postgres);
  await master.prisma.$transaction(async (tx) => {
    await appendFacts(tx, { audit: auditOf('holds the lock'), events: [] });
    await master.prisma.$transaction((other) => appendFacts(other, { events: [] }));
  });
  expect(await master.prisma.auditEntry.count()).toBe(1);
});

test('the audit trail of concurrent commands is one chain', async () => {
  await using master = await openTestMaster(postgres);
  await Promise.all(Array.from({ length: 50 }, (_, nth) => append(master, `command ${nth}`)));
  expect(await firstBroken(master)).toBeNull();
  const entries = await master.prisma.auditEntry.findMany({ orderBy: { seq: 'asc' } });
  expect(entries.map(({ seq }) => Number(seq))).toEqual(
    Array.from({ length: 50 }, (_, n) => n + 1),
  );
  expect(new Set(entries.map(({ hash }) => hash)).size).toBe(50);
});

test('the chain is the same in every time zone of a session', async () => {
  await using master = await openTestMaster(postgres);
  await append(master, 'tenantCreate');
  const seenFromTokyo = await master.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL timezone = 'Asia/Tokyo'`;
    return tx.$queryRaw`SELECT first_broken_audit_entry() AS seq`;
  });
  expect(seenFromTokyo).toEqual([{ seq: null }]);
});

test.each([
  [
    'a changed argument',
    `UPDATE "AuditEntry" SET "arguments" = '{"tenant":"b"}' WHERE "seq" = 3`,
    '3',
  ],
  ['another actor', `UPDATE "AuditEntry" SET "actor" = 'system' WHERE "seq" = 2`, '2'],
  ['a moved time', `UPDATE "AuditEntry" SET "at" = "at" - interval '1 ms' WHERE "seq" = 5`, '5'],
  ['a missing entry', `DELETE FROM "AuditEntry" WHERE "seq" = 3`, '4'],
  ['a missing beginning', `DELETE FROM "AuditEntry" WHERE "seq" <= 2`, '3'],
  ['a forged hash', `UPDATE "AuditEntry" SET "hash" = repeat('0', 64) WHERE "seq" = 4`, '4'],
])('the chain shows %s', async (_what, tampering, at) => {
  await using master = await openTestMaster(postgres);
  for (let nth = 1; nth <= 5; nth += 1) await append(master, `command ${nth}`);
  expect(await firstBroken(master)).toBeNull();
  await master.pool.query(tampering);
  expect(await firstBroken(master)).toBe(at);
});
