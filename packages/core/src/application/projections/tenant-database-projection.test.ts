import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { TenantDatabaseAggregate } from '../../domain/tenant-database.ts';
import { TenantDatabaseId } from '../../domain/tenant-database-primitives.ts';
import { Tenant } from '../../domain/tenant.ts';
import type { FleetEvent, NumberedEvent } from '../../ports/event-log.ts';
import { viewOf } from '../view-models/tenant-database-view-model.ts';
import { changeOf, changesOf } from './tenant-database-projection.ts';

const now = new Date();
const newTenant = (slug: string) =>
  Tenant.parse({ id: randomUUID(), slug, name: slug, tags: {}, createdAt: now });
const newRecord = (tenant: Tenant) =>
  TenantDatabaseAggregate.create({
    id: TenantDatabaseId.parse(randomUUID()),
    tenant,
    server: 'default',
    now,
  });
const numbered = (events: readonly FleetEvent[]): readonly NumberedEvent[] =>
  events.map((event, index) => ({ seq: index + 1, event }));

test('a record that was created or updated is saved as its view', () => {
  const record = newRecord(newTenant('a'));
  record.provisioned(null, now);
  const changes = numbered(record.pullEvents()).map(changeOf);
  expect(changes).toEqual([
    { kind: 'save', seq: 1, view: expect.objectContaining({ status: 'PROVISIONING' }) },
    { kind: 'save', seq: 2, view: viewOf(record.toPrimitives()) },
  ]);
});

test('a deleted record is deleted', () => {
  const record = newRecord(newTenant('a'));
  record.provisioned(null, now);
  record.delete(now);
  expect(changesOf(numbered(record.pullEvents()))).toEqual([
    { kind: 'delete', id: record.id, seq: 3 },
  ]);
});

test('an undeleted record is saved', () => {
  const record = newRecord(newTenant('a'));
  record.provisioned(null, now);
  record.delete(now);
  record.undelete(now);
  expect(changesOf(numbered(record.pullEvents()))).toEqual([
    { kind: 'save', seq: 4, view: viewOf(record.toPrimitives()) },
  ]);
});

test('of each record the last change of a batch is left', () => {
  const [a, b] = [newRecord(newTenant('a')), newRecord(newTenant('b'))];
  const created = [...a.pullEvents(), ...b.pullEvents()];
  a.provisioned(null, now);
  const changes = changesOf(numbered([...created, ...a.pullEvents()]));
  expect(changes.toSorted((x, y) => x.seq - y.seq)).toEqual([
    { kind: 'save', seq: 2, view: viewOf(b.toPrimitives()) },
    { kind: 'save', seq: 3, view: viewOf(a.toPrimitives()) },
  ]);
});

test('an event about something else changes nothing', () => {
  const tenant = newTenant('a');
  expect(changesOf(numbered([{ type: 'TenantCreatedEvent', at: now, tenant }]))).toEqual([]);
});
